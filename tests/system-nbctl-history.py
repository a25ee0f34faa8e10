#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""sluice-nbctl history: what a notifier's journal says, as a table."""

import contextlib
import hashlib
import json
import os
import re
import socket
import threading

from lab import Lab, paths, process, tap, wait_until
from lab.tls import Authority

HEADINGS = ["time", "object", "what", "by", "live", "comment"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UNIT = r"\d+(?:\.\d)? (?:ms|s|min|h)"


@contextlib.contextmanager
def laboratory(**settings):
    with Lab() as lab:
        lab.add_notifier(**settings)
        yield lab


def nbctl(lab, *args, env=None, db="unix:/nowhere"):
    """Runs sluice-nbctl beside the notifier, without a database."""
    return lab.mgmt.run(paths.program("utilities/sluice-nbctl"), "--db=" + db,
                        *args, env=env)


def fail(lab, *args, env=None):
    """Returns the complaint of sluice-nbctl, which has to fail."""
    try:
        out = nbctl(lab, *args, env=env)
    except process.CommandError as e:
        assert e.status == 1, e
        return e.stderr
    raise AssertionError("succeeded: " + out)


def history(lab, *args, **kwargs):
    """Returns the rows, a dict each; options among `args` go before the
    command."""
    options = [a for a in args if a.startswith("--")]
    args = [a for a in args if not a.startswith("--")]
    table = json.loads(nbctl(lab, "-f", "json", *options, "history", *args,
                             **kwargs))
    assert table["headings"] == HEADINGS
    return [dict(zip(HEADINGS, row)) for row in table["data"]]


def await_history(lab, n, *args):
    """Returns the rows once there are `n`."""
    rows = []

    def enough():
        rows[:] = history(lab, *args)
        return len(rows) >= n

    wait_until(enough, 10, "%d entries" % n)
    assert len(rows) == n, rows
    return rows


@tap.case("what happened to a port, who did it, when it was live where",
          timeout=60)
def port():
    with laboratory() as lab:
        hv = lab.add_hypervisor("hv1")
        lab.nb.ctl("net-add", "blue")
        hv.add_port("blue", "vm1")
        lab.nb.ctl("--wait=hv", "port-disable", "vm1")

        wait_until(lambda: history(lab, "port", "vm1")[0]["live"], 10,
                   "the hypervisor's word in the journal")
        rows = history(lab, "port", "vm1")
        disabled, up, created = rows
        assert "admin_state_up: true -> false" in disabled["what"], disabled
        assert "status: DOWN -> ACTIVE" in up["what"], up
        assert created["what"] == "created"
        assert disabled["comment"].endswith("port-disable vm1"), disabled
        assert {row["object"] for row in rows} == {"port vm1"}
        for row in disabled, created:
            assert row["by"].startswith("nbctl:"), row
            assert TIME.fullmatch(row["time"])
            assert re.fullmatch("hv1 " + UNIT, row["live"]), row
        assert up["live"] == "", up
        assert created["time"] <= disabled["time"]

        # The same by its id, without a record, and for people.
        id = lab.nb.ctl("get", "Port", "vm1", "_uuid")
        assert history(lab, "port", id) == rows
        assert disabled in history(lab, "port")
        assert disabled in history(lab)
        assert history(lab, "network", id) == []
        text = nbctl(lab, "history", "port", "vm1")
        assert text.split()[:6] == HEADINGS, text
        assert "admin_state_up: true -> false" in text


@tap.case("deleted objects, those without a name, values of every kind")
def values():
    with laboratory() as lab:
        with lab.notifiers[0].client() as client:
            net = client.create("network", name="")
            client.update("network", net["id"], name="red, \u20ac\"",
                          mtu=1400, description="x")
            client.update("network", net["id"], description="")
            client.remove("network", net["id"])
        rows = await_history(lab, 4, "network", net["id"])
        assert rows[3]["object"] == "network " + net["id"]
        assert rows[0]["object"] == "network red, \u20ac\""
        what = [row["what"] for row in rows]
        assert what[0] == "deleted" and what[3] == "created"
        assert "description: x -> \"\"" in what[1]
        assert "name: \"\" -> red, \u20ac\"" in what[2], what[2]
        assert re.search("mtu: \\d+ -> 1400", what[2]), what[2]
        assert {row["live"] for row in rows} == {""}
        # By a name that needs encoding.
        assert len(history(lab, "network", "red, \u20ac\"")) == 3


@tap.case("as many as asked for, from when on, however many there are")
def limits():
    with laboratory() as lab:
        lab.nb.ctl("net-add", "blue")
        for first in range(0, 2500, 500):
            lab.nb.transact(*({"op": "insert", "table": "Network",
                               "row": {"name": "n%04d" % i}}
                              for i in range(first, first + 500)))
        rows = await_history(lab, 2501, "--limit=0", "network")
        names = [row["object"] for row in rows]
        assert len(set(names)) == 2501 and names[-1] == "network blue"
        assert len(history(lab)) == 100
        assert history(lab, "--limit=1", "network") == rows[:1]
        assert history(lab, "--limit=2100", "network") == rows[:2100]

        for since in "1h", "90s", rows[-1]["time"], "2020-01-01":
            assert len(history(lab, "--since=" + since, "--limit=0")) == 2501
            assert history(lab, "--until=" + since) == [], since
        assert history(lab, "--since=2100-01-01") == []


@tap.case("what is wrong is said")
def complaints():
    with laboratory() as lab:
        for bad in "yesterday", "5", "h", "5y", "5hh", "9999999d":
            assert "--since=%s: is not a time" % bad in fail(
                lab, "--since=" + bad, "history")
        assert "400: Invalid input for until" in fail(
            lab, "--until=2020-13-99", "history")
        assert "400: Invalid input for resource" in fail(
            lab, "history", "switch")
        assert "before the command" in fail(lab, "history", "--limit=1")
        assert "--limit=x" in fail(lab, "--limit=x", "history")
        assert "127.0.0.1:1: " in fail(
            lab, "--notifier=http://127.0.0.1:1", "history")
        assert "127.0.0.1:2: " in fail(
            lab, "history", env={"SLUICE_NOTIFIER": "http://127.0.0.1:2"})
        assert "nowhere" in fail(
            lab, "--notifier=http://nowhere.invalid:9696", "history")
        for url in "file:///etc/passwd", "gopher://127.0.0.1/", "":
            fail(lab, "--notifier=" + url, "history")
        assert ": 404" in fail(
            lab, "--notifier=http://127.0.0.1:9696/elsewhere", "history")

        # Together with commands of the database it is one of them.
        out = nbctl(lab, "--", "net-add", "blue", "--", "history",
                    db=lab.nb.unix)
        assert out.split()[:6] == HEADINGS, out
        assert "nowhere" in fail(lab, "net-list", "--", "history")


def answer(listener, replies):
    for reply in replies:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(reply)


@tap.case("a server that is no notifier")
def strangers():
    def reply(body, status="200 OK"):
        return ("HTTP/1.1 %s\r\nContent-Length: %d\r\n"
                "Connection: close\r\n\r\n%s"
                % (status, len(body), body)).encode()

    entries = [{}, 7, None, [], {"seq": "x", "changes": 3, "applied": [1, {}],
                                 "verb": "updated", "recovered": "no"},
               {"verb": "updated", "changes": {"a": 1, "b": [1, 2, 3]}}]
    cases = [
        (reply("hello"), "not that of a sluice-notifier"),
        (reply("[1]"), "not that of a sluice-notifier"),
        (reply("{}"), "has no history"),
        (reply("{\"history\": 7}"), "has no history"),
        (reply("gone", "500 Oops"), ": 500"),
        (reply("{\"NeutronError\": {\"message\": \"so there\"}}",
               "400 Bad"), ": 400: so there"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", ""),
        (b"nonsense\r\n\r\n", ""),
        (b"", ""),
    ]
    with Lab() as lab:
        listener = lab.mgmt.call(
            lambda: socket.create_server(("127.0.0.1", 9696)))
        with listener:
            thread = threading.Thread(target=answer, args=(
                listener, [c[0] for c in cases]
                + [reply(json.dumps({"history": entries}))]))
            thread.start()
            for _, complaint in cases:
                assert complaint in fail(lab, "history"), complaint
            rows = history(lab)
            thread.join()
    assert len(rows) == len(entries)
    assert rows[5]["what"] == "a: 1, b: [1,2,3]", rows[5]


@tap.case("with a token, and over TLS")
def access():
    with Lab() as lab:
        authority = Authority(os.path.join(lab.dir, "ca"))
        tls = authority.issue("127.0.0.1")
        digest = hashlib.sha256(b"secret").hexdigest()
        lab.add_notifier(tls=tls, tokens=["sha256:%s - admin alice" % digest])
        lab.nb.ctl("net-add", "blue")
        url = "--notifier=" + lab.notifiers[0].url
        token = {"SLUICE_TOKEN": "secret"}

        assert ": 401" in fail(lab, "-C", tls.ca, url, "history")
        assert "certificate" in fail(lab, url, "history", env=token)
        wait_until(lambda: "network blue" in nbctl(
            lab, "-C", tls.ca, url, "history", env=token), 10, "the entry")


tap.main(tools=("openssl",))
