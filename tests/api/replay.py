# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Compares answers with those of the recording: the same fields, and the same
values wherever they follow from what was asked.  What a server chooses itself
(ids, generated addresses, defaults of a network's type) is chosen once and is
the same from then on."""

import functools
import ipaddress
import re

from . import recording

# What the server chooses unless a request says it.
CHOSEN = {"id", "mac_address", "ip_address", "mtu", "provider:network_type",
          "provider:physical_network", "provider:segmentation_id"}

# What refers to what was chosen.
REFERENCES = {"network_id", "subnet_id"}

# Times: compared by their form.
TIMES = {"created_at", "updated_at", "started_at", "heartbeat_timestamp"}

# Words of the server's own: compared by their type.
WORDS = {"message", "detail", "agent_type", "binary", "topic", "description",
         "availability_zone", "resources_synced", "href", "project_id",
         "tenant_id", "configurations", "port_filter"}

# What identifies the objects of a list.
NAMES = ("name", "alias", "host")

UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

# What a generated value looks like.
FORMS = {"id": UUID.match,
         "mac_address": re.compile("fa:16:3e(:[0-9a-f]{2}){3}$").match,
         "ip_address": lambda v: ipaddress.ip_address(v)
         in ipaddress.ip_network("10.1.0.0/24")}


class Difference(AssertionError):
    """Ours is not as the recording has it."""


class Unlucky(Exception):
    """The server gave out an address that the recording asks for later."""


# Addresses that requests of the recording ask for by name.
ASKED = {ip["ip_address"] for call in recording.calls() if call.request
         for ip in call.request.get("port", {}).get("fixed_ips", ())
         if "ip_address" in ip}


def until_lucky(case):
    """Decorates a case that one address in a few hundred makes Unlucky: then
    it is played again from the beginning."""
    @functools.wraps(case)
    def play():
        for _ in range(4):
            try:
                return case()
            except Unlucky:
                continue
        return case()
    return play


class Replay:
    """One run through the recording against one server."""

    def __init__(self):
        self.chosen = {}        # (key, value in the recording) -> ours.
        self.given = set()      # Values that requests gave, as text.
        self.revisions = {}     # Our id -> the last revision_number seen.
        self.tagged = set()     # Our ids whose tags were set since.

    def ours(self, value):
        """Returns `value` of the recording with our ids in place of its."""
        if isinstance(value, str):
            for (key, recorded), ours in self.chosen.items():
                if key == "id":
                    value = value.replace(recorded, ours)
            return value
        if isinstance(value, dict):
            return {k: self.ours(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.ours(v) for v in value)
        return value

    def request(self, call):
        """Returns `call` as it is to be sent to us."""
        self._give(call.request)
        return call._replace(path=self.ours(call.path),
                             query=self.ours(call.query),
                             request=self.ours(call.request))

    def check(self, call, status, answer):
        """Compares the answer to `call` with the recording's."""
        self._where = "%s\n%s %s %s %s" % (
            call.command, call.method, call.path, call.query, call.request)
        if status != call.status:
            raise Difference("%s\nstatus: recorded %d, ours %d: %s" % (
                self._where, call.status, status, answer))
        # A page of a web server, where ours gives an error in JSON.
        if not isinstance(call.answer, str):
            self._value(None, call.answer, answer)
        self._check_revisions(call, answer)

    def _give(self, value):
        if isinstance(value, dict):
            for v in value.values():
                self._give(v)
        elif isinstance(value, list):
            for v in value:
                self._give(v)
        elif value is not None:
            self.given.add(str(value))

    def _value(self, key, recorded, ours):
        if key in WORDS:
            self._same_type(key, recorded, ours)
        elif key in TIMES and ours is None and " " in recorded:
            pass                # An agent's, of which not all is known.
        elif key in TIMES:
            self._same(key, form(recorded), form(ours))
        elif key == "revision_number":
            self._same_type(key, recorded, ours)
        elif key in REFERENCES:
            self._same(key, self.ours(recorded), ours)
        elif self._is_chosen(key, recorded):
            self._choice(key, recorded, ours)
        elif isinstance(recorded, dict):
            self._same_type(key, recorded, ours)
            self._object(key, recorded, ours)
        elif isinstance(recorded, list):
            self._same_type(key, recorded, ours)
            self._list(key, recorded, ours)
        else:
            self._same(key, self.ours(recorded), ours)

    def _is_chosen(self, key, recorded):
        if key == "id" and not UUID.match(recorded):
            return False
        return key in CHOSEN and str(recorded) not in self.given

    def _object(self, key, recorded, ours):
        self._same("fields of %s" % key,
                   set(recorded) - recording.hidden(key), set(ours))
        for name in ours:
            if key != "extension" or name == "alias":
                self._value(name, recorded[name], ours[name])
        if "project_id" in ours:
            self._same("tenant_id", ours["project_id"], ours["tenant_id"])

    def _list(self, key, recorded, ours):
        if key == "extensions":
            self._extensions(recorded, ours)
        elif recorded and isinstance(recorded[0], dict):
            pair = [{identity(o, i): o for i, o in enumerate(list_)}
                    for list_ in (recorded, ours)]
            self._same("members of %s" % key, *map(set, pair))
            for name, o in pair[0].items():
                self._value(key[:-1], o, pair[1][name])
        else:
            self._same(key, sorted(self.ours(recorded)), sorted(ours))

    def _extensions(self, recorded, ours):
        """Ours are others, described in the same words; those that are not
        offered are not among them."""
        aliases = {e["alias"] for e in ours}
        self._same("extensions not offered", set(),
                   aliases & recording.hidden_aliases())
        self._same("is there any extension", True, bool(aliases))
        for e in ours:
            self._same("fields of extension %s" % e["alias"],
                       set(recorded[0]), set(e))

    def _choice(self, key, recorded, ours):
        known = self.chosen.get((key, recorded), self)
        if known is not self:
            self._same(key, known, ours)
        elif key in FORMS and not FORMS[key](ours):
            self._same("form of " + key, recorded, ours)
        elif ours in ASKED:
            raise Unlucky()
        else:
            self.chosen[key, recorded] = ours

    def _check_revisions(self, call, answer):
        """A PUT raises an object's revision by one, and GET does not lower
        it."""
        if call.path.endswith("/tags") and call.method == "PUT":
            self.tagged.add(self.ours(call.path.split("/")[3]))
        for o in objects(answer):
            before = self.revisions.get(o["id"])
            now = self.revisions[o["id"]] = o["revision_number"]
            if before is None:
                continue
            if call.method == "PUT":
                self._same("revision_number", before + 1, now)
            elif o["id"] in self.tagged:
                self.tagged.remove(o["id"])
                self._same("tags raise revision_number", True, now > before)
            else:
                self._same("revision_number", True, now >= before)

    def _same(self, what, recorded, ours):
        if recorded != ours or type(recorded) is not type(ours):
            raise Difference("%s\n%s: recorded %r, ours %r" % (
                self._where, what, recorded, ours))

    def _same_type(self, what, recorded, ours):
        """Of one type; what is null there may also be text."""
        if recorded is None and isinstance(ours, (str, type(None))):
            return
        self._same("type of %s" % what, type(recorded), type(ours))
        if what == "message":
            self._same("is the message empty", False, not ours)


def objects(answer):
    """Yields the objects in an answer that have a revision."""
    for value in (answer or {}).values() if isinstance(answer, dict) else ():
        for o in value if isinstance(value, list) else [value]:
            if isinstance(o, dict) and {"id", "revision_number"} <= set(o):
                yield o


def identity(o, place):
    """What tells an object of a list from others: its place there, if it has
    no name."""
    return next((o[n] for n in NAMES if n in o), place)


def form(text):
    """The form of a time: its digits are as good as any others."""
    return re.sub(r"\d", "0", text)
