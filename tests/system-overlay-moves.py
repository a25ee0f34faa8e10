#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Ports that move from one hypervisor to another while a third sends to
them, and ports that are on two hypervisors."""

from lab import Frozen, Lab, Sniffer, WaitError, tap, wait_until
from lab.overlay import Scene
from lab.sniffer import ETH_P_RARP

BROADCAST = "ff:ff:ff:ff:ff:ff"
VLAN = 100


class Moving:
    """A network of type `kind` with net-1 on hv1, net-3 on hv3, and on hv2,
    not plugged yet, net-1b, which is the same port as net-1."""

    def __init__(self, lab, kind="vxlan"):
        self.scene = Scene(lab)
        self.scene.declare("net", kind, 0 if kind == "flat" else VLAN)
        self.old, self.new, self.third = self.scene.hvs
        self.scene.add_port(self.old, "net-1")
        self.sender = self.scene.add_port(self.third, "net-3")
        self.scene.wait(*self.scene.groups())
        self.scene.add_copy(self.new, "net-1b", "net-1")

    def vm(self, hv):
        return self.scene.vms["net-1" if hv is self.old else "net-1b"]

    def set_host(self, host):
        self.scene.nb.ctl("set", "Port", "net-1",
                          "host=\"%s\"" % host)

    def claims(self):
        return self.scene.claims("net-1")

    def wait_claimed(self, *hosts):
        wait_until(lambda: sorted(self.claims()) == sorted(hosts),
                   what="claims of " + " and ".join(hosts))

    def holder(self):
        """Returns the name of the hypervisor whose claim is the greatest."""
        claims = self.claims()
        return max(claims, key=lambda host: (claims[host], host))

    def wait_held(self, hv):
        wait_until(lambda: self.holder() == hv.name,
                   what="the port to be %s's" % hv.name)

    def wait_alone(self, hv):
        """Waits until of the two only the VM on `hv` sends and receives."""
        loser = self.vm(self.new if hv is self.old else self.old)
        self.scene.wait(*self.scene.groups([loser.name]))

    def both(self):
        """Has the VM plugged on both hypervisors, and the first one's hold
        the port."""
        self.set_host("hv1")
        self.scene.plug("net-1b")
        self.wait_claimed("hv1", "hv2")
        assert self.holder() == "hv1", self.claims()
        self.wait_alone(self.old)

    def start_flow(self):
        """Starts a flow from the third hypervisor; receiver 0 is the VM on
        the old one, 1 that on the new one."""
        flow = self.sender.start_flow(self.vm(self.old), pps=1000,
                                      also=[self.vm(self.new)])
        flow.wait_received(200)
        return flow

    def assert_moved(self, flow, receiver):
        """Waits until packets come to one receiver, and to it alone."""
        flow.wait_received(200, receiver=receiver)
        flow.wait_silent(receiver=1 - receiver)
        before = flow.report(1 - receiver)["received"]
        flow.wait_received(200, receiver=receiver)
        assert flow.report(1 - receiver)["received"] == before

    def assert_gone(self, hv):
        """Waits until a hypervisor without port of the network has no flow of
        it left."""
        cookies = {"cookie=0x%x" % int(uuid.replace("-", "")[:16], 16)
                   for uuid in (self.vm(hv).port, self.scene.nb.uuid(
                       "Network", "net"))}
        left = []

        def gone():
            left[:] = [f for f in hv.flows() if any(c in f for c in cookies)]
            return not left
        try:
            wait_until(gone)
        except WaitError:
            raise AssertionError("still at %s:\n%s" % (
                hv.name, "\n".join(left))) from None


def account(flow, what):
    """Ends a flow that has moved from receiver 0 to 1, and notes what that
    cost."""
    old, new = flow.stop_all()
    assert old["duplicated"] == new["duplicated"] == 0, (old, new)
    twice = max(0, old["last_seq"] - new["first_seq"] + 1)
    tap.note("%s: of %d packets %d came to the old, %d to the new, at most %d "
             "to both; lost: %d; %.1f ms from the last there to the first "
             "here" % (what, old["sent"], old["received"], new["received"],
                       twice, old["sent"] - old["received"] - new["received"]
                       + twice, (new["first_monotonic_ns"]
                                 - old["last_monotonic_ns"]) / 1e6))


def finish(moving, flow, what):
    """The rest of a migration: the old VIF goes, and nobody notices."""
    moving.assert_moved(flow, 1)
    moving.wait_alone(moving.new)
    moving.scene.unplug("net-1")
    moving.wait_claimed("hv2")
    moving.assert_gone(moving.old)
    flow.wait_received(200, receiver=1)
    account(flow, what)
    moving.scene.check(*moving.scene.groups(["net-1"]))


def moves_by_appearance(kind):
    @tap.case("on %s: a port moves when its VIF appears elsewhere" % kind,
              timeout=40)
    def case():
        with Lab() as lab:
            moving = Moving(lab, kind)
            flow = moving.start_flow()
            with Sniffer(moving.scene.wire.netns.packet_socket(
                    "hv2-br-phys")) as sniffer:
                moving.scene.plug("net-1b")
                moving.wait_held(moving.new)
                flow.wait_received(1, receiver=1)
                rarps = [(f.dst, f.src, f.vlan) for f in sniffer.frames(0)
                         if f.ethertype == ETH_P_RARP]
            finish(moving, flow, kind)
            # Switches between learn where it is now.
            tag = VLAN if kind == "vlan" else None
            if kind in ("vlan", "flat"):
                assert (BROADCAST, moving.vm(moving.new).mac, tag) in rarps, \
                    rarps
            else:
                assert not rarps


for each in ("vxlan", "geneve", "vlan", "flat"):
    moves_by_appearance(each)


def moves_by_host(kind):
    @tap.case("on %s: a port that is plugged twice moves when its host "
              "changes" % kind, timeout=40)
    def case():
        with Lab() as lab:
            moving = Moving(lab, kind)
            moving.both()
            flow = moving.start_flow()
            moving.set_host("hv2")
            moving.wait_held(moving.new)
            finish(moving, flow, kind)


for each in ("vxlan", "vlan"):
    moves_by_host(each)


@tap.case("a port whose host is set first moves when its VIF appears there",
          timeout=40)
def announced():
    with Lab() as lab:
        moving = Moving(lab)
        moving.set_host("hv1")
        flow = moving.start_flow()
        moving.set_host("hv2")
        # Until then it stays.
        flow.wait_received(300)
        assert moving.claims().keys() == {"hv1"}
        moving.scene.plug("net-1b")
        moving.wait_held(moving.new)
        finish(moving, flow, "announced")


@tap.case("a port moves there and back again, as often as told", timeout=40)
def to_and_fro():
    with Lab() as lab:
        moving = Moving(lab)
        moving.both()
        flow = moving.start_flow()
        for _ in range(3):
            moving.set_host("hv2")
            moving.assert_moved(flow, 1)
            moving.set_host("hv1")
            moving.assert_moved(flow, 0)
        flow.stop_all()
        moving.wait_alone(moving.old)


@tap.case("of two hypervisors that hold a port only one delivers: packets "
          "come once", timeout=40)
def one_delivers():
    with Lab() as lab:
        moving = Moving(lab)
        scene = moving.scene
        # Each of them has neighbours, who reach the one and not the other.
        scene.add_port(moving.old, "net-2")
        scene.add_port(moving.new, "net-4")
        scene.wait(*scene.groups(["net-1b"]))
        moving.both()
        moving.set_host("hv2")
        moving.wait_held(moving.new)
        moving.wait_alone(moving.new)
        # Admin states are the port's, wherever it is.
        scene.nb.ctl("--wait=hv", "port-disable", "net-1")
        scene.check(*scene.groups(["net-1", "net-1b"]))
        scene.nb.ctl("--wait=hv", "port-enable", "net-1")
        scene.check(*scene.groups(["net-1"]))


@tap.case("a port that appears in two places at once is in one of them",
          timeout=40)
def at_once():
    with Lab() as lab:
        moving = Moving(lab)
        scene = moving.scene
        for _ in range(3):
            for name in ("net-1", "net-1b"):
                scene.unplug(name)
            moving.wait_claimed()
            with Frozen(moving.old.agent), Frozen(moving.new.agent):
                for name in ("net-1", "net-1b"):
                    scene.plug(name)
            moving.wait_claimed("hv1", "hv2")
            # Nobody's claim changes any more, once it is there.
            claims = moving.claims()
            holder = moving.old if moving.holder() == "hv1" else moving.new
            moving.wait_alone(holder)
            assert moving.claims() == claims


@tap.case("of equal claims the hypervisor whose name is the last has the port")
def equal():
    with Lab() as lab:
        moving = Moving(lab)
        moving.both()
        moving.set_host("")
        for claim in (7, -(1 << 63), (1 << 63) - 1):
            # As if both had come at the same moment.
            lab.nb.transact({"op": "update", "table": "Port_Location",
                             "where": [["port", "==", [
                                 "uuid", moving.vm(moving.old).port]]],
                             "row": {"claim": claim}})
            moving.wait_held(moving.new)
            moving.wait_alone(moving.new)
            assert moving.claims() == {"hv1": claim, "hv2": claim}
        # More than the most there is not: the name decides.
        moving.set_host("hv1")
        moving.wait_alone(moving.new)


@tap.case("the hypervisor that holds a port loses its VIF: the other takes "
          "over", timeout=40)
def taken_over():
    with Lab() as lab:
        moving = Moving(lab)
        moving.both()
        moving.set_host("hv2")
        moving.wait_alone(moving.new)
        flow = moving.sender.start_flow(moving.vm(moving.new), pps=1000,
                                        also=[moving.vm(moving.old)])
        flow.wait_received(200)
        moving.scene.unplug("net-1b")
        flow.wait_received(200, receiver=1)
        account(flow, "taken over")
        moving.wait_claimed("hv1")
        moving.wait_alone(moving.old)
        moving.assert_gone(moving.new)
        # It is back: its host is named.
        moving.scene.plug("net-1b")
        moving.wait_held(moving.new)
        moving.wait_alone(moving.new)


@tap.case("agents that are restarted leave a port where it is", timeout=40)
def restarted():
    with Lab() as lab:
        moving = Moving(lab)
        moving.both()
        watches = [hv.watch_flows() for hv in moving.scene.hvs]
        claims = moving.claims()
        flow = moving.start_flow()
        for hv in (moving.old, moving.new):
            for end in ("stop", "kill9"):
                getattr(hv.agent, end)()
                hv.agent.start()
                hv.wait_in_step()
                flow.wait_received(100)
        assert moving.claims() == claims
        assert [w.changes() for w in watches] == [[], [], []]
        there, elsewhere = flow.stop_all()
        assert there["lost"] == there["duplicated"] == 0, there
        assert elsewhere["received"] == 0
        for watch in watches:
            watch.close()
        # Without an agent nothing follows, and with one everything does.
        moving.old.agent.stop()
        moving.set_host("hv2")
        moving.wait_held(moving.new)
        moving.old.agent.start()
        moving.wait_alone(moving.new)


tap.main()
