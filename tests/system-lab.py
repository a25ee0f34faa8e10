#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The laboratory tested on itself, without sluice-agent: what the other system
tests rely on."""

import os
import re

from lab import (Lab, netns, probe, process, send_frame, Sniffer, tap,
                 wait_until)

NORMAL = "priority=0,actions=NORMAL"


def switch(lab, name):
    """Returns a hypervisor without agent whose bridge is a plain switch."""
    hv = lab.add_hypervisor(name, agent=False)
    hv.vsctl("add-br", "br-int", "--", "set", "Bridge", "br-int",
             "datapath_type=netdev", "fail_mode=secure")
    return hv


@tap.case("packets pass where flows say so, and nowhere else")
def packets():
    with Lab() as lab:
        hv = switch(lab, "hv1")
        a = hv.add_vif(ip="10.0.0.1/24")
        b = hv.add_vif(ip="10.0.0.2/24")
        assert not a.reaches(b)
        hv.ofctl("add-flow", "br-int", NORMAL)
        assert a.ping(b) == 3
        hv.ofctl("del-flows", "br-int")
        assert not b.reaches(a)


@tap.case("a probe tells who reaches whom")
def probed():
    with Lab() as lab:
        hv = switch(lab, "hv1")
        a, b, c = (hv.add_vif() for _ in range(3))
        assert not probe([a, b, c]).unicast
        hv.ofctl("add-flow", "br-int", NORMAL)
        for vm, tag in ((a, 8), (b, 8), (c, 9)):
            hv.vsctl("set", "Port", vm.name, "tag=%d" % tag)
        reach = probe([a, b, c])
        assert reach.both() == {("vif1", "vif2"), ("vif2", "vif1")}
        assert reach.unicast == reach.broadcast
        hv.ofctl("add-flow", "br-int", "priority=1,actions=ALL")
        reach = probe([a, b, c])
        assert ("vif1", "vif2", "vif3") in reach.stray
        assert ("vif3", "vif1") in reach.both()
        hv.ofctl("add-flow", "br-int",
                 "priority=1,actions=push_vlan:0x8100,set_field:4103->vlan_vid"
                 ",ALL")
        reach = probe([a, b, c])
        assert ("vif3", "vif1") in reach.tagged
        assert not reach.unicast


@tap.case("each packet of a flow is accounted for")
def flow():
    with Lab() as lab:
        hv = switch(lab, "hv1")
        a, b = hv.add_vif(), hv.add_vif()
        hv.ofctl("add-flow", "br-int", NORMAL)
        running = a.start_flow(b, pps=2000, count=400)
        running.wait_sent()
        result = running.stop()
        assert result["sent"] == result["received"] == 400, result
        assert result["lost"] == result["duplicated"] == 0, result

        running = a.start_flow(b)
        running.wait_received(100)
        hv.ofctl("del-flows", "br-int")
        last = wait_until(lambda: silent(running), what="silence")
        result = running.stop()
        assert result["received"] == last["received"], result
        assert result["last_seq"] == last["last_seq"], result
        assert result["lost"] >= 100, result


def silent(flow):
    """Returns the report of a flow of which 100 packets in a row are sent in
    vain, None if one of them comes through."""
    before, sent = flow.report(), flow.sent()
    wait_until(lambda: flow.sent() >= sent + 100, what="100 packets sent")
    return before if flow.report() == before else None


@tap.case("each change of a flow is told")
def flow_watch():
    with Lab() as lab:
        hv = switch(lab, "hv1")
        hv.ofctl("add-flow", "br-int", NORMAL)
        watch = hv.watch_flows()
        assert watch.changes() == []
        hv.ofctl("add-flow", "br-int", "table=3,actions=drop")
        hv.ofctl("mod-flows", "br-int", "table=3,actions=NORMAL")
        hv.ofctl("del-flows", "br-int", "table=3")
        kinds = [re.search("event=([A-Z]+)", c).group(1)
                 for c in watch.changes()]
        assert kinds == ["ADDED", "MODIFIED", "DELETED"], kinds
        assert watch.changes() == []
        watch.close()


@tap.case("nothing is left behind")
def clean():
    with Lab() as lab:
        prefix, directory = lab.prefix, lab.dir
        hv = switch(lab, "hv1")
        hv.add_vif(ip="10.0.0.1/24")
        pids = [d.pid for d in lab.daemons() if d.pid]
        assert len(pids) == 3
        assert all(process.alive(p) for p in pids)
    assert not any(process.alive(p) for p in pids)
    assert not any(n.startswith(prefix) for n in netns.names())
    assert not os.path.exists(directory)


@tap.case("the northbound database answers, dies and comes back")
def northbound():
    with Lab() as lab:
        assert len(lab.nb.rows("NB_Global")) == 1
        lab.nb.transact({"op": "insert", "table": "Network",
                         "row": {"name": "n"}})
        lab.nb.kill9()
        lab.nb.start()
        assert [r["name"] for r in lab.nb.rows("Network")] == ["n"]


@tap.case("physical networks are joined by a wire, tags and all")
def wire():
    with Lab() as lab:
        wire = lab.add_wire()
        vms = []
        for number in (1, 2):
            hv = switch(lab, "hv%d" % number)
            hv.ofctl("add-flow", "br-int", NORMAL)
            hv.add_physical(wire)
            hv.vsctl("add-port", "br-int", "p", "--", "set", "Interface", "p",
                     "type=patch", "options:peer=q", "--",
                     "add-port", "br-phys", "q", "--", "set", "Interface",
                     "q", "type=patch", "options:peer=p")
            vms.append(hv.add_vif(ip="10.0.0.%d/24" % number))
            hv.vsctl("set", "Port", vms[-1].name, "tag=7")
        assert vms[0].ping(vms[1]) == 3
        hv.vsctl("set", "Port", vms[1].name, "tag=8")
        assert not vms[0].reaches(vms[1])


def tunnelling(lab, name, underlay, kind, key):
    """Returns a VM of a hypervisor, which sends all that comes from it to the
    underlay's other member, in tunnels of `kind`, and nothing else."""
    hv = switch(lab, name)
    local = underlay.join(hv)
    remote = underlay.numbered(3 - len(underlay.members))
    hv.vsctl("add-port", "br-int", "tunnel", "--", "set", "Interface",
             "tunnel", "type=" + kind, "options:remote_ip=flow",
             "options:key=flow", "options:local_ip=\"%s\"" % local)
    vm = hv.add_vif(ip="10.0.0.%d/24" % len(underlay.members))
    field = "tun_dst" if underlay.version == 4 else "tun_ipv6_dst"
    hv.ofctl("add-flow", "br-int",
             "in_port=%s,actions=set_field:%d->tun_id,set_field:%s->%s,"
             "output:tunnel" % (vm.name, key, remote, field))
    hv.ofctl("add-flow", "br-int", "in_port=tunnel,tun_id=%d,actions=output:%s"
             % (key, vm.name))
    return vm


def tunnel_case(version, kind):
    @tap.case("%s over IPv%d: no packet is lost; cut and healed" % (kind,
                                                                   version))
    def tunnel():
        with Lab() as lab:
            underlay = lab.add_underlay(version)
            a, b = (tunnelling(lab, name, underlay, kind, 77)
                    for name in ("hv1", "hv2"))
            with Sniffer(underlay.packet_socket(a.hypervisor)) as sniffer:
                # The very first frame, too.
                assert send_frame(a, b.mac, [b]) == {"vif1"}
                assert [(t.kind, t.key, t.frame.dst, t.frame.src) for t in
                        sniffer.tunnelled()] == [(kind, 77, b.mac, a.mac)]
            assert a.ping(b) == 3
            flow = a.start_flow(b, count=500)
            flow.wait_sent()
            assert flow.stop()["lost"] == 0
            underlay.cut(b.hypervisor)
            assert not a.reaches(b)
            underlay.heal(b.hypervisor)
            assert a.reaches(b)


for version in (4, 6):
    for kind in ("vxlan", "geneve"):
        tunnel_case(version, kind)


@tap.case("a member of an underlay crashes, comes back, and changes its "
          "address")
def underlay_members():
    with Lab() as lab:
        underlay = lab.add_underlay()
        a, b = (tunnelling(lab, name, underlay, "vxlan", 5)
                for name in ("hv1", "hv2"))
        hv = a.hypervisor
        flows = hv.ofctl("--no-stats", "dump-flows", "br-int")
        hv.vswitchd.kill9()
        hv.vswitchd.start()
        underlay.restore(hv)
        hv.ofctl("add-flows", "br-int", "-", stdin=flows_only(flows))
        assert send_frame(a, b.mac, [b]) == send_frame(b, a.mac, [a]) \
            == {"vif1"}
        assert underlay.set_address(b.hypervisor, 9) == "10.88.0.9"
        assert hv.netns.run("ping", "-c1", "10.88.0.9")
        assert not a.reaches(b)


def flows_only(text):
    return "".join(line + "\n" for line in text.splitlines()
                   if "actions=" in line)


@tap.case("an underlay's MTU is what fits through it")
def underlay_mtu():
    with Lab() as lab:
        underlay = lab.add_underlay(mtu=1400)
        a, b = (tunnelling(lab, name, underlay, "vxlan", 5)
                for name in ("hv1", "hv2"))
        assert "mtu 1400" in a.hypervisor.netns.run("ip", "link", "show",
                                                    "br-under")
        # Less the headers of IP, UDP, VXLAN and Ethernet.
        for size, passes in ((1350, True), (1351, False)):
            sent = a.run("ping", "-c1", "-W1", "-Mdont", "-s", size - 28,
                         b.ip, check=False)
            assert (" 1 received" in sent) == passes, sent


@tap.case("a thousand cheap ports")
def thousand():
    with Lab() as lab:
        hv = switch(lab, "hv1")
        names = hv.add_cheap_vifs("port-%d" % i for i in range(1000))
        assert hv.ofport(names[-1]) > 0
        wait_until(lambda: hv.ofctl("dump-ports-desc", "br-int")
                   .count("cheap") == 1000, what="a thousand ports")


tap.main()
