#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Only what is local: a change reaches the hypervisors it concerns and costs
the others nothing, told from bytes on their sockets, their counters and their
processor time."""

import itertools

from lab import Lab, tap, wait_until

TOGGLES = 200

# What an agent's own questions (by ovs-appctl) count, rather than its work.
ASKING = ("unixctl_", "poll_", "util_xalloc", "hmap_", "seq_change",
          "stream_", "pstream_", "coverage_", "dynamic_")


class Idle:
    """What an agent has done so far, to be compared later."""

    def __init__(self, hv):
        self.hv = hv
        self.counters = self._counters()
        self.socket = traffic(hv)
        self.cpu = hv.agent.cpu_seconds()

    def check(self):
        """Raises AssertionError if the agent has done anything since."""
        hv = self.hv
        # In this order: to ask for the counters makes the agent work.
        assert hv.agent.cpu_seconds() == self.cpu, \
            "%s: used %g s" % (hv.name, hv.agent.cpu_seconds() - self.cpu)
        assert traffic(hv) == self.socket, "%s: %s -> %s" % (
            hv.name, self.socket, traffic(hv))
        now = self._counters()
        assert now == self.counters, "%s: %s" % (
            hv.name, {k: v for k, v in now.items()
                      if v != self.counters.get(k)})

    def _counters(self):
        return {k: v for k, v in self.hv.agent.coverage().items()
                if not k.startswith(ASKING)}


def traffic(hv):
    """Returns what tells whether anything has crossed the agent's connection
    to the NB, and whether that is still the same."""
    socket = hv.nb_socket()
    return [socket[k] for k in ("local_port", "bytes_received", "bytes_sent")]


def scene(lab, agents):
    """Makes hypervisors hv1, ... and a network for each, net1, ..., which has
    two ports there; returns the hypervisors."""
    hvs = []
    for i in range(1, agents + 1):
        hv = lab.add_hypervisor("hv%d" % i)
        lab.nb.ctl("net-add", "net%d" % i)
        for name in ("a%d" % i, "b%d" % i):
            hv.add_port("net%d" % i, name, ip="10.0.0.%s/24" % (
                1 if name[0] == "a" else 2))
        hvs.append(hv)
    for hv in hvs:
        hv.wait_in_step()
    settle(lab, hvs)
    return hvs


def settle(lab, hvs):
    """Waits until all agents have said all they have to say."""
    def quiet():
        sockets = [traffic(hv) for hv in hvs]
        # A full circle: whatever was under way has been answered by now.
        for hv in hvs:
            hv.agent.appctl("connection-status")
        lab.nb.rows("NB_Global")
        return sockets == [traffic(hv) for hv in hvs]
    wait_until(quiet, what="quiet connections")


def toggle(lab, table, where, times=TOGGLES):
    """Takes a row's admin state down and up again, `times` times in all, each
    a revision and a transaction of its own; returns the last revision."""
    client = lab.nb.client()
    revision = lab.nb.rows(table, ["revision_number"],
                           where)[0]["revision_number"]
    for up in itertools.islice(itertools.cycle((False, True)), times):
        revision += 1
        client.transact({"op": "update", "table": table, "where": where,
                         "row": {"admin_state_up": up,
                                 "revision_number": revision}})
    client.close()
    return revision


def by_name(name):
    return [["name", "==", name]]


@tap.case("a port's admin state reaches its hypervisor and no other")
def port_admin():
    with Lab() as lab:
        hv1, hv2, hv3 = scene(lab, 3)
        others = [Idle(hv2), Idle(hv3)]
        before = hv1.nb_bytes_received()
        revision = toggle(lab, "Port", by_name("a1"))
        lab.nb.wait_binding(lab.nb.uuid("Port", "a1"), "hv1",
                            revision_number=revision)
        for other in others:
            other.check()
        assert hv1.nb_bytes_received() > before
        assert 0 < hv1.agent.coverage()["agent_nb_update"]


@tap.case("a network's admin state reaches its hypervisor and no other")
def network_admin():
    with Lab() as lab:
        hv1, hv2 = scene(lab, 2)
        other = Idle(hv2)
        before = hv1.agent.coverage()
        revision = toggle(lab, "Network", by_name("net1"))
        wait_until(lambda: lab.nb.rows("Network_Binding", where=[
            ["revision_number", "==", revision]]), what="its binding")
        other.check()
        after = hv1.agent.coverage()
        assert after["agent_nb_update"] > before["agent_nb_update"]
        assert after["agent_flow_mod"] > before["agent_flow_mod"]
        assert after["agent_port_computed"] == before["agent_port_computed"]


@tap.case("a hypervisor's admin state reaches it and no other")
def host_admin():
    with Lab() as lab:
        hv1, hv2 = scene(lab, 2)
        lab.nb.ctl("--wait=hv", "host-disable", "hv1")
        lab.nb.ctl("--wait=hv", "host-enable", "hv1")
        settle(lab, [hv1, hv2])
        other = Idle(hv2)
        before = hv1.nb_bytes_received()
        revision = toggle(lab, "Host", [["host", "==", "hv1"]])
        wait_until(lambda: lab.nb.rows("Agent", where=[
            ["host", "==", "hv1"],
            ["host_revision_number", "==", revision]]), what="its Agent row")
        other.check()
        assert hv1.nb_bytes_received() > before


@tap.case("a port of a network that both host is told to one of them")
def shared_network():
    with Lab() as lab:
        hv1, hv2 = scene(lab, 2)
        hv2.add_port("net1", "c1", ip="10.0.0.3/24")
        settle(lab, [hv1, hv2])
        other = Idle(hv2)
        revision = toggle(lab, "Port", by_name("a1"))
        lab.nb.wait_binding(lab.nb.uuid("Port", "a1"), "hv1",
                            revision_number=revision)
        other.check()

        # The network itself concerns both.
        before = [hv.nb_bytes_received() for hv in (hv1, hv2)]
        lab.nb.ctl("--wait=hv", "net-disable", "net1")
        after = [hv.nb_bytes_received() for hv in (hv1, hv2)]
        assert after[0] > before[0] and after[1] > before[1]


@tap.case("what is plugged nowhere is told to nobody")
def unplugged():
    with Lab() as lab:
        hv1, hv2 = scene(lab, 2)
        idle = [Idle(hv1), Idle(hv2)]
        lab.nb.ctl("net-add", "green")
        lab.nb.ctl("port-add", "green", "g")
        lab.nb.ctl("port-add", "net1", "d1")
        toggle(lab, "Port", by_name("g"))
        toggle(lab, "Network", by_name("green"))
        toggle(lab, "Port", by_name("d1"))
        lab.nb.ctl("port-del", "g")
        lab.nb.ctl("net-del", "green")
        for agent in idle:
            agent.check()


@tap.case("what one agent says of itself is not told to another")
def status_rows():
    with Lab() as lab:
        hv1, hv2 = scene(lab, 2)
        other = Idle(hv2)
        c = hv1.add_port("net1", "c1", ip="10.0.0.3/24")
        hv1.del_vif(c)
        lab.nb.wait_hosts(c.port)
        lab.nb.ctl("port-del", "c1")
        other.check()


@tap.case("a port bound to a host in advance is told to that host")
def host_in_advance():
    with Lab() as lab:
        hv1, hv2 = scene(lab, 2)
        other = Idle(hv2)
        before = hv1.agent.coverage()["agent_nb_update"]
        port = lab.nb.ctl("port-add", "net1", "d1", "host=hv1")
        wait_until(lambda: port in hv1.agent.appctl("port/list"),
                   what="d1 at hv1")
        assert hv1.agent.coverage()["agent_nb_update"] > before
        other.check()
        assert port not in hv2.agent.appctl("port/list")


tap.main()
