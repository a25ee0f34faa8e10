#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""ARP and Neighbor Discovery for addresses that are known: answered on the
hypervisor where somebody asks, and told to nobody else."""

import json

from lab import Lab, Sniffer, tap, wait_until
from lab.neighbours import answer_of, ask, question
from lab.overlay import Scene

V4, V6 = "10.0.0.%d", "fd00::%d"
NOT_YET = {4: "0.0.0.0", 6: "::"}
NOBODY = {4: "10.0.0.99", 6: "fd00::99"}


class Answering:
    """A network of type `kind` with net-1 and net-4 on hv1, net-2 on hv2,
    net-3 on hv3, which have 10.0.0.1 and fd00::1 and so on.  No VM itself has
    any address, so that none answers."""

    def __init__(self, lab, kind="vxlan", hosts=3):
        self.scene = Scene(lab, hosts=hosts)
        self.nb = lab.nb
        self.scene.declare("net", kind, 100)
        self.scene.add_subnet("net", "10.0.0.0/24")
        self.scene.add_subnet("net", "fd00::/64")
        for number in (1, 2, 3)[:hosts] + (4,):
            hv = self.scene.hvs[(number - 1) % 3]
            self.scene.add_port(hv, "net-%d" % number)
            self.allocate(number, number)
        self.vms = self.scene.vms
        self.scene.wait(*self.scene.groups())
        if kind != "vlan":
            self.wait_all_known()

    def vm(self, number):
        return self.vms["net-%d" % number]

    def allocate(self, number, to):
        """Gives net-`number` the addresses that end in `to`."""
        self.scene.allocate("net-%d" % number, v4=V4 % to, v6=V6 % to)

    def wait_all_known(self):
        numbers = [int(name.split("-")[1]) for name in self.vms]
        wait_until(lambda: all(
            self.ask(a, address(b, version), quiet=0.03).answers
            for a in numbers for b in numbers if a != b
            for version in (4, 6)), 20, "all to be answered for")

    def ask(self, number, ip, own=None, dst=None, **options):
        """Has net-`number` ask for `ip`, as the owner of `own`, by default
        its own address; returns the Outcome among all others."""
        vm = self.vm(number)
        own = own or address(number, 6 if ":" in ip else 4)
        others = [other for other in self.vms.values() if other is not vm]
        return ask(vm, question(vm, ip, own, dst), others, **options)

    def assert_answered(self, number, owner, version):
        """net-`number` learns what net-`owner` has, and nobody hears of
        it."""
        ip, own = address(owner, version), address(number, version)
        outcome = self.ask(number, ip)
        assert outcome.answers == [
            answer_of(self.vm(owner), ip, self.vm(number), own)], outcome
        assert not outcome.heard, outcome

    def assert_heard(self, outcome, *numbers):
        """Nobody answered: the question came once to each of net-NUMBER."""
        assert not outcome.answers, outcome
        assert sorted(outcome.heard) == ["net-%d" % n for n in numbers], \
            outcome


def address(number, version):
    return (V4 if version == 4 else V6) % number


@tap.case("known addresses: one right answer, and no frame leaves")
def known():
    with Lab() as lab:
        answering = Answering(lab)
        hv = answering.scene.hvs[0]
        with Sniffer(answering.scene.underlay.packet_socket(hv)) as sniffer:
            for version in (4, 6):
                for owner in (2, 3, 4):
                    answering.assert_answered(1, owner, version)
            assert sniffer.tunnelled() == []
            # What is not known does leave.
            for version in (4, 6):
                answering.assert_heard(answering.ask(1, NOBODY[version]),
                                       2, 3, 4)
            assert len(sniffer.tunnelled()) == 4


@tap.case("a real VM takes the answers, and asks for no more")
def real():
    with Lab() as lab:
        answering = Answering(lab, hosts=2)
        a, b = answering.vm(1), answering.vm(2)
        for number, vm in ((1, a), (2, b)):
            vm.netns.call(enable_ipv6)
            vm.set_ip(V6 % number + "/64")
            vm.set_ip(V4 % number + "/24")
        with Sniffer(answering.scene.underlay.packet_socket(
                a.hypervisor)) as sniffer:
            for ip in (V4 % 2, V6 % 2):
                a.forget_neighbours()
                assert a.ping(ip) == 3
            # Both ways unicast: not even b asked everybody.
            floods = [t.frame for t in sniffer.tunnelled()
                      if t.frame.dst not in (a.mac, b.mac)]
            # But whether an address is free, from ::, everybody is asked.
            asked = [f for f in floods if f.ethertype == 0x0806
                     or f.payload[40] == 135 and any(f.payload[8:24])]
            assert not asked, asked


def enable_ipv6():
    for name, value in (("disable_ipv6", 0), ("accept_dad", 0),
                        ("accept_ra", 0)):
        with open("/proc/sys/net/ipv6/conf/eth0/" + name, "w") as f:
            f.write(str(value))


@tap.case("questions about oneself are for everybody: announcements, and "
          "whether there is a duplicate")
def own():
    with Lab() as lab:
        answering = Answering(lab)
        for version in (4, 6):
            mine = address(1, version)
            for sender in (mine, NOT_YET[version]):
                answering.assert_heard(answering.ask(1, mine, sender),
                                       2, 3, 4)
        # Somebody is about to take another's: by ARP he is told, by ND the
        # owner hears of it.
        outcome = answering.ask(1, V4 % 2, NOT_YET[4])
        assert [a.mac for a in outcome.answers] == [answering.vm(2).mac]
        assert "net-2" in answering.ask(1, V6 % 2, NOT_YET[6]).heard


@tap.case("unicast questions go to whom they are for, and nowhere else")
def unicast():
    with Lab() as lab:
        answering = Answering(lab)
        for version in (4, 6):
            for owner in (2, 4):
                answering.assert_heard(
                    answering.ask(1, address(owner, version),
                                  dst=answering.vm(owner).mac), owner)


@tap.case("addresses follow the database: given, taken, changed, moved")
def changes():
    with Lab() as lab:
        answering = Answering(lab)
        scene = answering.scene
        for number in (2, 4):
            answering.allocate(number, number + 50)
            for version in (4, 6):
                wait_until(lambda: answering.ask(1, address(
                    number + 50, version)).answers, what="the new address")
                answering.assert_heard(
                    answering.ask(1, address(number, version)), 2, 3, 4)
            scene.allocate("net-%d" % number)
            for version in (4, 6):
                wait_until(lambda: not answering.ask(1, address(
                    number + 50, version)).answers, what="no answer")
            answering.allocate(number, number)
        answering.wait_all_known()
        # Elsewhere: the same answer; and gone.
        scene.add_copy(scene.hvs[2], "net-2b", "net-2")
        scene.nb.ctl("set", "Port", "net-2", "host=hv3")
        scene.plug("net-2b")
        scene.wait(*scene.groups(["net-2"]))
        for version in (4, 6):
            answering.assert_answered(1, 2, version)
        scene.vms.pop("net-2b")
        scene.remove("net-2")
        for version in (4, 6):
            wait_until(lambda: not answering.ask(1, address(
                2, version)).answers, what="no answer")


@tap.case("each network has its own addresses")
def apart():
    with Lab() as lab:
        answering = Answering(lab, hosts=2)
        scene = answering.scene
        scene.declare("other", "vxlan", 101)
        scene.add_subnet("other", "10.0.0.0/24")
        ours = scene.add_port(scene.hvs[0], "other-1")
        theirs = scene.add_port(scene.hvs[1], "other-2")
        # The other way round.
        scene.allocate("other-1", v4=V4 % 2)
        scene.allocate("other-2", v4=V4 % 1)
        wait_until(lambda: ask(ours, question(ours, V4 % 1,
                                              V4 % 2)).answers == [
            answer_of(theirs, V4 % 1, ours, V4 % 2)], what="its own answer")
        answering.assert_answered(1, 2, 4)


@tap.case("who is down, or in a network that is, is told nothing")
def down():
    with Lab() as lab:
        answering = Answering(lab, hosts=2)
        for what in ("port net-1", "net net", "host hv1"):
            kind, name = what.split()
            answering.nb.ctl("--wait=hv", kind + "-disable", name)
            for version in (4, 6):
                answering.assert_heard(
                    answering.ask(1, address(2, version)))
            answering.nb.ctl("--wait=hv", kind + "-enable", name)
            for version in (4, 6):
                answering.assert_answered(1, 2, version)


@tap.case("on a vlan: answered for ports that are here, by the wire for "
          "others")
def vlan():
    with Lab() as lab:
        answering = Answering(lab, kind="vlan")
        for version in (4, 6):
            wait_until(lambda: answering.ask(1, address(4, version)).answers,
                       what="an answer")
            answering.assert_answered(1, 4, version)
            # Nobody knows who is where on the wire.
            answering.assert_heard(answering.ask(1, address(2, version)),
                                   2, 3, 4)
            # Who asks from there is answered by who is asked.
            outcome = answering.ask(2, address(1, version))
            answering.assert_heard(outcome, 1, 3, 4)


@tap.case("what was answered is counted")
def counted():
    with Lab() as lab:
        answering = Answering(lab)
        hvs = answering.scene.hvs
        before = [answered(hv, "net") for hv in hvs]
        for _ in range(3):
            for version in (4, 6):
                answering.ask(1, address(2, version))
                answering.ask(1, address(4, version))
                answering.ask(1, NOBODY[version])
                answering.ask(1, address(1, version))
        assert [answered(hv, "net") for hv in hvs] == [
            before[0] + 12, *before[1:]]


def answered(hv, name):
    """Returns how many questions were answered on a network."""
    # What caches have answered is added up now and then.
    hv.vswitchd.appctl("revalidator/wait")
    table = json.loads(hv.agent.appctl("network/list", "-f", "json"))
    rows = [dict(zip(table["headings"], row)) for row in table["data"]]
    return next(int(row["answered"]) for row in rows if row["name"] == name)


tap.main()
