# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Bad input for the HTTP door."""

import json

# A UUID that is nobody's.
NOBODY = "00000000-0000-4000-8000-000000000000"

# JSON that no attribute, or only few, can take.
VALUES = [
    "null", "true", "false", "0", "1", "-1", "1.5", "-0.0", "1e3",
    "2147483648", "4294967296", "9223372036854775807", "9223372036854775808",
    "18446744073709551616", "-9223372036854775809", "1e400", "-1e400",
    '""', '"x"', '" "', '"0"', '"-1"', '"1e3"', '"' + "x" * 256 + '"',
    '"' + "\u20ac" * 300 + '"', r'"a\u0000b"', r'"\ud800"', r'"\n"',
    '"%s"' % NOBODY, '"10.0.0.1"', '"10.0.0.0/33"', '"::"', '"ff:ff"',
    '"01:00:5e:00:00:01"', "[]", "{}", "[null]", "[[]]", "[{}]", "[0]",
    '[""]', '["x", "x"]', '{"": null}', '{"x": {"x": {"x": []}}}',
    '[{"start": null}]', '[{"ip_address": 1}]', '[{"subnet_id": "x"}]',
    '[{"start": "::", "end": "10.0.0.1"}]',
    '[{"destination": "x", "nexthop": "y"}]',
    "[" * 30 + "]" * 30, "[%s]" % ", ".join(['"a"'] * 5000),
    '["%s"]' % '", "'.join("10.0.0.%d" % i for i in range(1, 255)),
]

# One that is not.
GOOD = json.dumps({"network": {"name": "n\u20ac", "mtu": 1400,
                               "description": "d", "admin_state_up": True}},
                  ensure_ascii=False).encode()

# Bodies of a POST or PUT of a network that are to be refused.
BAD_BODIES = {
    "nothing": b"",
    "white space": b" \r\n",
    "a number": b"1",
    "a string": b'"network"',
    "null": b"null",
    "an array": b"[]",
    "no resource": b"{}",
    "null for a resource": b'{"network": null}',
    "an array for a resource": b'{"network": []}',
    "an object for a collection": b'{"networks": {}}',
    "a collection of nothing": b'{"networks": [null]}',
    "two resources": b'{"network": {}, "port": {}}',
    "both forms": b'{"network": {}, "networks": []}',
    "an attribute twice": b'{"network": {"name": "a", "name": "b"}}',
    "an escaped attribute twice":
        b'{"network": {"name": "a", "n\\u0061me": "b"}}',
    "a resource twice": b'{"network": {}, "network": {}}',
    "text after it": b'{"network": {}} x',
    "another after it": b'{"network": {}}{"network": {}}',
    "a comma too many": b'{"network": {"name": "a",}}',
    "single quotes": b"{'network': {}}",
    "a comment": b'{"network": {/* */}}',
    "NaN": b'{"network": {"mtu": NaN}}',
    "infinity": b'{"network": {"mtu": Infinity}}',
    "a leading zero": b'{"network": {"mtu": 01400}}',
    "hexadecimal": b'{"network": {"mtu": 0x578}}',
    "1e400": b'{"network": {"mtu": 1e400}}',
    "a fraction": b'{"network": {"mtu": 1400.5}}',
    "a number of 100,000 digits":
        b'{"network": {"mtu": ' + b"9" * 100000 + b"}}",
    "a NUL": b'{"network": {"name": "a\0b"}}',
    "a NUL after it": b'{"network": {}}\0',
    "an escaped NUL": b'{"network": {"name": "a\\u0000b"}}',
    "an escaped NUL in a name": b'{"network": {"na\\u0000me": "b"}}',
    "a control character": b'{"network": {"name": "a\x01b"}}',
    "invalid UTF-8": b'{"network": {"name": "\xff"}}',
    "overlong UTF-8": b'{"network": {"name": "\xc0\xaf"}}',
    "a surrogate in UTF-8": b'{"network": {"name": "\xed\xa0\x80"}}',
    "beyond Unicode": b'{"network": {"name": "\xf4\x90\x80\x80"}}',
    "cut UTF-8": b'{"network": {"name": "\xe2\x82"}}',
    "half a surrogate pair": b'{"network": {"name": "\\ud800"}}',
    "UTF-16": GOOD.decode().encode("utf-16"),
    "nested 100,000 deep": b"[" * 100000,
    "objects nested 100,000 deep": b'{"a":' * 100000,
    "nested inside an attribute":
        b'{"network": {"tags": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
    "100,000 attributes": ('{"network": {%s}}' % ", ".join(
        '"x%d": 1' % i for i in range(100000))).encode(),
    "a name of 256 characters":
        b'{"network": {"name": "' + b"x" * 256 + b'"}}',
    "a name of 2 MB": b'{"network": {"name": "' + b"x" * 2000000 + b'"}}',
    "an attribute's name of 1 MB":
        b'{"network": {"' + b"x" * 1000000 + b'": 1}}',
    "XML": b"<network/>",
    "a form": b"network=1&name=x",
}

# Targets and what they may be answered: None is a closed connection.
NOT_FOUND, BAD = (404,), (400, 404)
TARGETS = {
    "/../v2.0/networks": BAD, "/v2.0/../v2.0/networks": BAD,
    "/v2.0/networks/..": BAD, "/v2.0/networks/../../../etc/passwd": BAD,
    "/%2e%2e/%2e%2e/etc/passwd": BAD, "/v2.0/networks/%2e%2e": BAD,
    "/v2.0/networks/..%2f..%2fetc": BAD, "//v2.0/networks": BAD,
    "/v2.0//networks": BAD, "/v2.0/networks//": BAD,
    "/v2.0/networks/%00": BAD, "/v2.0/networks%00": BAD,
    "/v2.0/networks/%0d%0aX:1": BAD, "/v2.0/networks/%": BAD,
    "/v2.0/networks/%zz": BAD, "/v2.0/networks/%ff": BAD,
    "/v2.0/networks/%c0%af": BAD, "/v2.0/networks/%ed%a0%80": BAD,
    "/v2.0/networks/{id}": BAD, "/v2.0/networks/x/y/z": BAD,
    "/v2.0/nosuch": NOT_FOUND, "/v2.0/nosuch/" + NOBODY: NOT_FOUND,
    "/v3/networks": NOT_FOUND, "/V2.0/networks": NOT_FOUND,
    "/v2.0/Networks": NOT_FOUND, "/networks": NOT_FOUND,
    "/v2.0/networks/nosuch": NOT_FOUND, "/v2.0/networks/" + NOBODY: NOT_FOUND,
    "/v2.0/networks/" + "0" * 36: NOT_FOUND, "/v2.0/networks/-1": NOT_FOUND,
    "/v2.0/networks/" + NOBODY + "/nosuch": NOT_FOUND,
    "/v2.0/networks/" + NOBODY + "/tags/x": NOT_FOUND,
    "/v2.0/networks/" + "x" * 20000: (404, 414, 400),
    "/v2.0/networks/" + "x" * 100000: (414, 431, None),
    "/" + "a/" * 10000: (404, 414, 400),
    "/v2.0/networks?limit=-1": (400,), "/v2.0/networks?limit=x": (400,),
    "/v2.0/networks?limit=1.5": (400,), "/v2.0/networks?limit=": (400,),
    "/v2.0/networks?limit=99999999999999999999": (400,),
    "/v2.0/networks?marker=x&limit=1": (400, 404),
    "/v2.0/networks?sort_key=nosuch&sort_dir=asc": (400,),
    "/v2.0/networks?sort_key=name&sort_dir=up": (400,),
    "/v2.0/networks?nosuch=1": (400,), "/v2.0/networks?=1": (400,),
    "/v2.0/networks?admin_state_up=maybe": (400,),
    "/v2.0/networks?name=%zz": (400,), "/v2.0/networks?name=%00": (400, 200),
    "/v2.0/networks?name=%ff": (400,), "/v2.0/networks?%ff=1": (400,),
    "/v2.0/ports?fixed_ips=nosuch%3D1": (400,),
    "/v2.0/networks?changed_since=yesterday": (400,),
    "/events?resource=nosuch": (400,), "/events?verb=nosuch": (400,),
    "/events?nosuch=1": (400,), "/v2.0/history?since=x": (400,),
    "/v2.0/history?resource=nosuch": (400,), "/v2.0/history?limit=x": (400,),
    "/v2.0/quotas/x/y": NOT_FOUND, "/v2.0/extensions/nosuch": NOT_FOUND,
    "/v2.0/extensions/..": BAD,
    "*": (400, 404, 405, None), "nothing": (400, 404, None),
    "http://[/": (200, 400, 404, None), "?": (400, 404, None), "": (400, None),
}
