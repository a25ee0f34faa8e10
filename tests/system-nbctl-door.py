#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""sluice-nbctl and agents at OVSDB doors of notifiers, at the northbound
server itself and at a relay: who is alive is known wherever each of them is
connected.

The agents are those of system-nbctl-wait.py, but for the last case."""

import contextlib
import json
import time

from lab import Lab, paths, process, tap, wait_until
from lab.door import Door, Relay
from lab.nbserver import NbServer, lock_name
from lab.northbound import DATABASE
from lab.ovsdb import OvsdbClient

NOT_APPLIED = 2


class Scene:
    """A northbound server with network "net" and port "a", and doors to
    it."""

    def __init__(self, nb, doors):
        self.nb, self.doors = nb, doors
        nb.ctl("net-add", "net", "--", "port-add", "net", "a")
        self.net, self.a = nb.uuid("Network", "net"), nb.uuid("Port", "a")

    def agent(self, host, at, **kwargs):
        """Returns an Agent at `at` that has port "a" at revision 1."""
        agent = self.nb.agent(host, at=at, **kwargs)
        agent.bind_port(self.a, self.net, 1, up=True)
        return agent

    def late(self, at, *hosts):
        """Makes a change, of which nothing but a timeout may be said, and that
        `hosts` are late."""
        err = self.nb.fail("--db=" + at.unix, "--timeout=1", "--wait=hv",
                           *self.change(), status=NOT_APPLIED).splitlines()
        assert "change is committed" in err[0], err
        assert len(err) == 1 + len(hosts), err
        for host in hosts:
            assert [line for line in err if "hypervisor %s has not applied"
                    % host in line], (host, err)

    def change(self):
        state = self.nb.get("Port", "a", "admin_state_up")
        return ("port-disable" if state == "true" else "port-enable", "a")

    def start(self, tap):
        """Starts a change with a wait, through a Wiretap."""
        return self.nb.start_ctl("--timeout=60", "--wait=hv", *self.change(),
                                 db=tap.db)

    def apply(self, agent):
        agent.bind_port(self.a, self.net, self.nb.revision("Port", "a"),
                        up=True)

    def alive(self, at):
        """Returns which agents agent-list says are alive."""
        answer = json.loads(self.nb.ctl("--db=" + at.unix, "-f", "json",
                                        "agent-list"))
        host, alive = (answer["headings"].index(c) for c in ("host", "alive"))
        return {row[host]: row[alive] for row in answer["data"]}


@contextlib.contextmanager
def scene(n_doors=1, **settings):
    with contextlib.ExitStack() as stack:
        nb = stack.enter_context(NbServer(**settings))
        doors = [stack.enter_context(Door(nb, "door%d" % i))
                 for i in range(n_doors)]
        yield Scene(nb, doors)


def finish(started, status=0):
    out, err = started.communicate()
    assert started.returncode == status, (started.returncode, out, err)
    return err


def down(*hosts):
    return ["sluice-nbctl: hypervisor %s is down, not waited for" % host
            for host in hosts]


def check_places(scene, ctl, place):
    """sluice-nbctl at `ctl`, agents at `place`."""
    hv1 = scene.agent("hv1", place)
    hv2 = scene.agent("hv2", place)
    scene.late(ctl, "hv1", "hv2")
    assert scene.alive(ctl) == {"hv1": True, "hv2": True}
    # The wait ends when the last has applied it.
    wiretap = scene.nb.tap(ctl)
    started = scene.start(wiretap)
    wait_until(lambda: wiretap.received.count(b'"locked":false') == 2)
    scene.apply(hv1)
    assert started.poll() is None
    scene.apply(hv2)
    assert finish(started) == ""
    # One dies during the wait.
    wiretap = scene.nb.tap(ctl)
    started = scene.start(wiretap)
    wait_until(lambda: wiretap.received.count(b'"locked":false') == 2)
    hv2.close()
    wait_until(lambda: b'"method":"locked"' in wiretap.received)
    assert started.poll() is None
    scene.apply(hv1)
    assert finish(started).splitlines() == down("hv2")
    # It is dead for the next one at once.
    assert scene.alive(ctl) == {"hv1": True, "hv2": False}
    hv1.close()
    wait_until(lambda: not scene.alive(ctl)["hv1"])
    assert sorted(scene.nb.complain(
        "--db=" + ctl.unix, "--timeout=20", "--wait=hv",
        *scene.change()).splitlines()) == down("hv1", "hv2")
    # Who comes back gets its lock.
    assert take_lock(scene.nb, place, "hv2")
    assert scene.alive(ctl) == {"hv1": False, "hv2": True}


def take_lock(nb, at, host):
    """Takes the lock of an agent that comes back, and returns its client."""
    client = OvsdbClient(at.socket, DATABASE)
    nb.clients.append(client)
    if not client.request("lock", [lock_name(host)])["locked"]:
        while client.receive().get("method") != "locked":
            pass
    return client


@tap.case("sluice-nbctl and agents at one door")
def same_door():
    with scene() as s:
        check_places(s, s.doors[0], s.doors[0])


@tap.case("sluice-nbctl at the server, agents at a door")
def agents_at_door():
    with scene() as s:
        check_places(s, s.nb, s.doors[0])


@tap.case("sluice-nbctl at a door, agents at the server")
def ctl_at_door():
    with scene() as s:
        check_places(s, s.doors[0], s.nb)


@tap.case("sluice-nbctl at a door, agents at another")
def two_doors():
    with scene(2) as s:
        check_places(s, *s.doors)


@tap.case("several doors as remotes: they are of one server")
def remotes():
    with scene(2) as s:
        one, two = s.doors
        hv1, hv2 = s.agent("hv1", one), s.agent("hv2", s.nb)
        hv2.close()
        err = s.nb.fail("--db=%s,%s" % (one.unix, two.unix), "--timeout=1",
                        "--wait=hv", *s.change(), status=NOT_APPLIED)
        assert "hypervisor hv1 has not applied" in err, err
        assert down("hv2")[0] in err.splitlines(), err


@tap.case("an agent that comes back after the server did is not down",
          timeout=90)
def server_restart():
    with scene() as s:
        door, = s.doors
        s.agent("here", door)
        s.agent("there", s.nb)
        wiretap = s.nb.tap(door)
        started = s.start(wiretap)
        wait_until(lambda: wiretap.received.count(b'"locked":false') == 2)
        assert b'"northbound":false' not in wiretap.received
        s.nb.daemon.kill9()
        s.nb.daemon.start()
        # The lock of the second is free, and that says nothing yet.
        wait_until(lambda: b'"northbound":false' in wiretap.received,
                   timeout=30)
        there = take_lock(s.nb, s.nb, "there")
        assert started.poll() is None
        there.transact({"op": "update", "table": "Port_Binding", "where": [],
                        "row": {"revision_number": 2}})
        assert finish(started) == ""


@tap.case("one that died meanwhile is found dead", timeout=120)
def died_meanwhile():
    with scene() as s:
        door, = s.doors
        here = s.agent("here", door)
        s.agent("there", s.nb)
        wiretap = s.nb.tap(door)
        started = s.start(wiretap)
        wait_until(lambda: wiretap.received.count(b'"locked":false') == 2)
        s.nb.daemon.kill9()
        wait_until(lambda: not door.has_locks())
        here.close()
        s.nb.daemon.start()
        assert sorted(finish(started).splitlines()) == down("here", "there")


@tap.case("while the server is away a door says that it does not know")
def away():
    with scene() as s:
        door, = s.doors
        s.nb.agent("hv1")
        client = door.client()

        def lock(name):
            result = client.request("lock", [name])
            client.request("unlock", [name])
            return result

        known, mine = lock_name("hv1"), "mine"
        assert lock(mine) == {"locked": True, "northbound": True}
        assert lock(known) == {"locked": False, "northbound": True}
        s.nb.daemon.kill9()
        wait_until(lambda: not door.has_locks())
        for name in (mine, known):
            assert lock(name) == {"locked": False, "northbound": False}
        s.nb.daemon.start()
        wait_until(door.has_locks)
        assert lock(mine)["northbound"] is False


def check_heartbeats(s, at):
    """At `at` locks prove nothing: neither that one is there, nor that it is
    not."""
    now = int(time.time() * 1000)
    s.agent("fresh", s.nb, lock=False, heartbeat=now)
    s.agent("stale", s.nb, heartbeat=now - 181000)
    wiretap = s.nb.tap(at)
    started = s.start(wiretap)
    # What it got by asking is free again for agents that are there.
    wait_until(lambda: b'"locked":' in wiretap.received)
    take_lock(s.nb, at, "fresh")
    take_lock(s.nb, at, "other")
    assert b'"northbound"' not in wiretap.received
    assert started.poll() is None
    s.nb.client().transact({
        "op": "update", "table": "Port_Binding",
        "where": [["host", "==", "fresh"]], "row": {"revision_number": 2}})
    assert finish(started).splitlines() == down("stale")
    assert s.alive(at) == {"fresh": True, "stale": False}


@tap.case("at a relay heartbeats tell who is down")
def relay():
    with scene(0) as s, Relay(s.nb) as relay:
        check_heartbeats(s, relay)


@tap.case("at a door of a relay, too")
def door_of_relay():
    with scene(0) as s, Relay(s.nb) as relay, \
            Door(s.nb, db=relay.unix) as door:
        check_heartbeats(s, door)


@tap.case("at a door of a cluster, too")
def door_of_cluster():
    with scene(0, clustered=True) as s, Door(s.nb) as door:
        check_heartbeats(s, door)


@tap.case("at a door of several servers, too")
def door_of_several():
    with scene(0) as s, \
            Door(s.nb, db="%s,%s" % (s.nb.unix, s.nb.unix)) as door:
        check_heartbeats(s, door)


@tap.case("--leader-only: neither a door nor a relay")
def leader_only():
    with scene() as s, Relay(s.nb) as relay:
        for server in (s.doors[0], relay):
            args = ("--db=" + server.unix, "net-list")
            assert "net" in s.nb.ctl(*args)
            assert "net" in s.nb.ctl("--no-leader-only", *args)
            assert "connection failed" in s.nb.fail("--leader-only", *args)
        assert "net" in s.nb.ctl("--leader-only", "net-list")


@tap.case("sluice-agents at two doors and at the server, which is restarted",
          timeout=120)
def restarted():
    with Lab() as lab:
        lab.nb.ctl("net-add", "blue")
        notifiers = [lab.add_notifier(
            options=("--remote=ptcp:%d" % port, "--remote=punix:door.sock"))
            for port in (6641, 6642)]
        address = lab.nb.remote.split(":")[1]
        remotes = ["tcp:%s:%d" % (address, port) for port in (6641, 6642)]
        for i, remote in enumerate((*remotes, lab.nb.remote)):
            hv = lab.add_hypervisor()
            hv.configure(sluice_remote=remote)
            hv.add_port("blue", "port%d" % i)
            hv.wait_in_step()
        lab.nb.daemon.kill9()
        lab.nb.daemon.start()
        # It is not said of any of them that it is down.
        with process.popen(
                [paths.program("utilities/sluice-nbctl"),
                 "--db=unix:%s/door.sock" % notifiers[0].directory,
                 "--retry", "--timeout=60", "--wait=hv", "net-disable",
                 "blue"], stdout=-1, stderr=-1) as started:
            assert finish(started) == ""
        assert [row["revision_number"]
                for row in lab.nb.rows("Network_Binding")] == [2, 2, 2]


if __name__ == "__main__":
    tap.main(tools=("ip", "nsenter", "ovs-vsctl", "ovsdb-server", "ovsdb-tool",
                    "ovs-vswitchd"))
