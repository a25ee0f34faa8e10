#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Certificates and roles at the OVSDB door: who is let in, and what clients
with a role may write, held against what ovsdb-server says to the same.  (That
agents do their work there is in system-behind-door-tls.py.)"""

import contextlib
import json
import os
import re
import ssl

from lab import Lab, tap, tls, wait_until
from lab.northbound import DATABASE
from lab.roles import (OTHER, STATUS, Scene, check_works, columns, delete,
                       insert, of, update)

os.environ["SLUICE_TEST_DOOR"] = "notifier"

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What ovsdb-server says of an operation that nobody might do.
WRONG = {"syntax error", "unknown column", "constraint violation"}

# Connections that begin and do not go on.
HALVES = 30

# Where a notifier without a role listens, in the management network.
FREE_PORT = 6646


class Good:
    """A session of hv2's that is told of ports."""

    def __init__(self, scene):
        self.nb = scene.nb
        self.number = 0
        self.client = scene.db.client(scene.hv2)
        self.client.request("monitor_cond", [DATABASE, "good", {
            "Port": {"columns": ["description"]}}])

    def check(self):
        """Checks that it is told of a change, and that it can write."""
        self.number += 1
        text = "change %d" % self.number
        self.nb.transact({"op": "update", "table": "Port", "where": [],
                          "row": {"description": text}})
        told = self.client.receive()["params"]
        row, = told[1]["Port"].values()
        assert row == {"modify": {"description": text}}, told
        result = self.client.transact(
            update("Agent", "hv2", version="v%d" % self.number))
        assert result == [{"count": 1}], result


@contextlib.contextmanager
def scene():
    """Yields a Scene with rows and no hypervisors, and a Good there."""
    with Lab() as lab:
        made = Scene(lab)
        made.fill()
        good = Good(made)
        with contextlib.closing(good.client):
            good.check()
            yield made, good
            good.check()


def identities(s):
    """Returns who has a session at the door."""
    listed = json.loads(s.lab.door.appctl("session/list", "-f", "json"))
    at = listed["headings"].index("identity")
    return [row[at] for row in listed["data"]]


@tap.case("who is not let in disturbs nobody")
def strangers():
    with scene() as (s, good):
        other = tls.Authority(os.path.join(s.lab.dir, "other"))
        foreign, own = other.issue("hv1"), other.own
        expired = s.authority.issue_expired("hv1")
        door = s.db.remote
        for identity in (None, foreign, own, expired):
            # At ovsdb-server and here.
            for s.db.remote in (s.direct, door):
                assert s.db.echo(s.ca, identity) == ""
            good.check()
        assert '"result":[]' in s.db.echo(s.ca, s.hv1)
        wait_until(lambda: identities(s) == ["hv2"], what="one session alone")
        for data in (b"", b"{}", b"\x16\x03\x01\x02\x00\x01\x00"):
            with contextlib.ExitStack() as stack:
                for _ in range(HALVES):
                    plain = stack.enter_context(s.db.connect_plain())
                    plain.sendall(data)
                good.check()
                assert identities(s) == ["hv2"]


@tap.case("the name in a certificate is who a session is")
def names():
    with scene() as (s, _):
        with contextlib.ExitStack() as stack:
            for identity in (s.hv1, s.operator, s.hv1):
                client = s.db.client(identity)
                stack.callback(client.close)
                client.request("echo", [])
            assert identities(s) == ["hv2", "hv1", "operator", "hv1"]
        # Who is nobody's agent has no rows.
        s.check_refused(s.operator, *(
            op for table in STATUS for op in (
                delete(table, "hv1"), delete(table, None),
                insert(table, host="hv1"))))


def certificate(s):
    """Returns the certificate that the door shows to a new client."""
    with s.db.connect(s.ca, s.hv1) as connection:
        return connection.getpeercert(binary_form=True)


def der(path):
    with open(path) as f:
        return ssl.PEM_cert_to_DER_cert(f.read())


@tap.case("a certificate replaced on disk is used from then on")
def replaced():
    with scene() as (s, good):
        old, new = s.door_identity, s.authority.issue("notifier-new")
        shown, coming = der(old.certificate), der(new.certificate)
        assert certificate(s) == shown != coming

        # A key without its certificate is no use yet.
        os.replace(new.key, old.key)

        def complains():
            assert certificate(s) == shown
            with open(s.lab.door.log) as f:
                return "changed files cannot be used" in f.read()
        wait_until(complains, what="a complaint of a key")
        good.check()
        os.replace(new.certificate, old.certificate)
        wait_until(lambda: certificate(s) == coming, what="the new one")
        good.check()

        # So it is at the database, which the door finds again with it.
        s.nb.kill9()
        s.nb.start()
        good.check()
        s.check_refused(s.hv1, delete("Agent", "hv2"))
        assert identities(s) == ["hv2"], "a session was lost"


@tap.case("an authority replaced on disk is asked from then on")
def authority():
    with scene() as (s, good):
        other = tls.Authority(os.path.join(s.lab.dir, "other"))
        hv3 = other.issue("hv3")
        hv3.ca = s.ca           # It believes the door.
        assert s.db.echo(s.ca, hv3) == ""
        both = s.door_identity.ca + ".new"
        with open(both, "w") as f:
            for path in (s.ca, other.own.certificate):
                with open(path) as one:
                    f.write(one.read())
        ca = s.ca + ".was"
        os.link(s.ca, ca)
        os.replace(both, s.ca)
        wait_until(lambda: s.db.echo(ca, hv3), what="hv3 to be let in")
        os.replace(ca, s.ca)
        wait_until(lambda: not s.db.echo(s.ca, hv3), what="hv3 to be refused")
        good.check()


@tap.case("at a unix socket a role is what its tables are")
def unnamed():
    with scene() as (s, _):
        s.check_intent_refused(None, remote=s.unix)
        for table, key in STATUS.items():
            row = columns(s.nb.rows(table, where=of("hv2"))[0])
            permitted = s.nb.rows("RBAC_Permission", where=[
                ["table", "==", table]])[0]["update"][1]
            assert not set(permitted) & set(key), permitted
            s.check_refused(None, *(
                op for c in set(row) - set(permitted) for op in (
                    update(table, "hv2", **{c: row[c]}),
                    {"op": "mutate", "table": table, "where": of("hv2"),
                     "mutations": [[c, "insert", row[c]]]})),
                remote=s.unix)
            # Anybody's, there being no names.
            s.check_allowed(
                None, *(update(table, "hv2", **{c: row[c]})
                        for c in permitted), remote=s.unix)
            s.check_allowed(None, delete(table, "hv2"), insert(table, **row),
                            remote=s.unix)


def no_uuids(results):
    return json.loads(UUID.sub("UUID", json.dumps(results)))


def alike(ours, theirs):
    """True if results are the same, but that an operation that is wrong in
    itself may be refused for what its client may not do: the door looks at
    that first."""
    return len(ours) == len(theirs) and all(
        a == b or a and a.get("error") == "permission error"
        and b and b.get("error") in WRONG for a, b in zip(ours, theirs))


def mutate(table, host, column, mutator, value):
    return {"op": "mutate", "table": table, "where": of(host),
            "mutations": [[column, mutator, value]]}


def attempts(s):
    """Yields transactions of hv1's that leave all as it was, be they refused
    or not."""
    agent = {host: s.nb.rows("Agent", where=of(host))[0]["_uuid"]
             for host in ("hv1", "hv2")}
    nothing = {"op": "comment", "comment": "nothing"}
    own = update("Agent", "hv1", version=s.nb.rows(
        "Agent", where=of("hv1"))[0]["version"])
    for where in ([], [["host", "!=", "hv1"]], [["host", "!=", "hv3"]],
                  [["host", "includes", "hv2"]],
                  [["host", "==", "hv1"], ["host", "==", "hv2"]],
                  [["_uuid", "==", agent["hv1"]]],
                  [["_uuid", "==", agent["hv2"]]],
                  [["_uuid", "!=", agent["hv2"]], ["host", "!=", "hv2"]],
                  [["_uuid", "==", OTHER]], [["host", "==", "hv3"]],
                  [["host", "==", 7]], [["nosuch", "==", "hv1"]], 7,
                  [["host", "==", "hv1"], ["host", "==", "hv1"]]):
        yield {"op": "update", "table": "Agent", "where": where,
               "row": {"version": own["row"]["version"]}},
        yield {"op": "mutate", "table": "Agent", "where": where,
               "mutations": [["heartbeat", "+=", 0]]},
        yield ({"op": "delete", "table": "Agent", "where": where},
               {"op": "abort"})
    for row in ({"host": "hv2"}, {"host": "hv1"}, {}, {"host": 7},
                {"host": ["set", ["hv1"]]}, {"host": ["set", ["hv2"]]},
                {"host": ["set", ["hv1", "hv2"]]}, {"host": ""},
                {"host": "hv1", "nosuch": 1}):
        yield {"op": "insert", "table": "Agent", "row": row}, {"op": "abort"}
    for operation in (
            update("Agent", "hv1", host="hv1"), update("Agent", "hv1"),
            update("Agent", "hv1", _uuid=OTHER), update("nosuch", "hv1", x=1),
            update("Agent", "hv1", nosuch=1),
            mutate("Agent", "hv1", "host", "insert", "hv2"),
            mutate("Agent", "hv1", "heartbeat", "+=", 0),
            mutate("Agent", "hv2", "heartbeat", "+=", 0),
            mutate("Agent", "hv1", "nosuch", "+=", 0),
            {"op": "mutate", "table": "Agent", "where": of("hv2"),
             "mutations": []},
            {"op": "update", "table": "Agent"}, {"op": "nosuch"}, {}, 7,
            {"op": "select", "table": "Port", "where": []},
            {"op": "wait", "table": "Agent", "where": [], "columns": ["host"],
             "until": "==", "rows": [], "timeout": 0},
            {"op": "assert", "lock": "nosuch"}):
        yield operation,
        yield own, operation, nothing
    # What was done before in the same transaction counts.
    yield (delete("Agent", "hv1"), insert("Agent", host="hv1"),
           update("Agent", "hv1", version="x"), {"op": "abort"})
    yield (delete("Agent", "hv1"), update("Agent", None, version="x"))
    yield (dict(insert("Port_Binding", host="hv1", port=OTHER,
                       network=OTHER), **{"uuid-name": "mine"}),
           {"op": "update", "table": "Port_Binding", "row": {"up": True},
            "where": [["_uuid", "==", ["named-uuid", "mine"]]]},
           delete("Port_Binding", "hv2"))
    yield own, update("Agent", "hv2", version="x"), {"op": "nosuch"}
    yield {"op": "nosuch"}, update("Agent", "hv2", version="x")
    yield {"op": "assert", "lock": "x"}, delete("Agent", "hv2")
    yield delete("Agent", "hv2"), {"op": "assert", "lock": "x"}


@tap.case("what is refused, and how, is as at ovsdb-server", timeout=120)
def same():
    with scene() as (s, _):
        before = s.contents()
        refused = 0
        for operations in attempts(s):
            theirs, ours = (no_uuids(s.db.transact(
                s.hv1, *operations, remote=remote))
                for remote in (s.direct, s.db.remote))
            assert alike(ours, theirs), "%s: %s, but %s" % (operations, ours,
                                                            theirs)
            refused += ours == theirs and any(
                r and r.get("error") == "permission error" for r in ours)
        assert s.contents() == before
        assert refused >= 20, refused


@tap.case("agents at a notifier that knows their role, operators at another",
          timeout=90)
def two_notifiers():
    with Lab() as lab:
        lab.agents = False
        s = Scene(lab)
        identity = s.authority.issue("notifier2")
        address = s.db.remote.split(":")[1]
        # The certificate is that of both its doors and of its session.
        lab.add_notifier(tls=identity, options=[
            "--ca-cert=" + identity.ca, "--nb=" + s.db.operators,
            "--remote=pssl:%d:%s" % (FREE_PORT, address)])
        s.db.operators = "ssl:%s:%d" % (address, FREE_PORT)
        hv1 = s.add_hypervisor("hv1", s.hv1)
        hv2 = s.add_hypervisor("hv2", s.hv2)
        s.ctl("net-add", "blue")
        a, b = (hv1.add_port("blue", name, ip="10.0.0.%d/24" % i)
                for i, name in enumerate("ab", 1))
        c = hv2.add_port("blue", "c", ip="10.0.0.3/24")
        for vm, host in ((a, "hv1"), (b, "hv1"), (c, "hv2")):
            s.nb.wait_binding(vm.port, host, up=True)
        check_works(s, a, b)


tap.main(tools=("ip", "nsenter", "openssl", "ovs-vsctl", "ovsdb-client",
                "ovsdb-server", "ovs-vswitchd"))
