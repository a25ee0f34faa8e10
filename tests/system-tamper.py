#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Somebody else's hand on the bridge: flows deleted, changed and added behind
the agent's back, controllers and fail modes set, the bridge deleted.  What
the agent wants is back by itself."""

import contextlib
import re

from lab import Lab, probe, tap, wait_until


class Scene:
    """A hypervisor with networks blue (a, b) and red (c), in step."""

    def __init__(self, lab):
        self.nb, self.hv = lab.nb, lab.add_hypervisor("hv1")
        for network in ("blue", "red"):
            self.nb.ctl("net-add", network)
        self.a = self.hv.add_port("blue", "a", ip="10.0.0.1/24")
        self.b = self.hv.add_port("blue", "b", ip="10.0.0.2/24")
        self.c = self.hv.add_port("red", "c", ip="10.0.0.3/24")
        self.vms = [self.a, self.b, self.c]
        self.hv.wait_in_step()
        self.flows = self.hv.flows()
        assert len(self.flows) > 10
        self.check_traffic()

    def check_traffic(self):
        reach = probe(self.vms)
        pair = {(self.a.name, self.b.name), (self.b.name, self.a.name)}
        assert reach.unicast == reach.broadcast == pair, vars(reach)
        assert not reach.stray

    def wait_healed(self):
        """Waits for all flows to be back, and nothing else."""
        wait_until(lambda: self.hv.flows() == self.flows,
                   what="all flows to be back")
        self.hv.wait_in_step()
        self.check_traffic()


@contextlib.contextmanager
def tampering():
    """A Scene, in which the block does something; then all is well again."""
    with Lab() as lab:
        scene = Scene(lab)
        watch = scene.hv.watch_flows()
        yield scene
        scene.wait_healed()
        events = " ".join(watch.changes())
        assert re.search("DELETED|MODIFIED", events), "nothing was harmed"
        watch.close()


@tap.case("all flows deleted")
def del_flows():
    with tampering() as scene:
        scene.hv.ofctl("del-flows", "br-int")


@tap.case("all flows deleted, twenty times in a row")
def del_flows_again():
    with tampering() as scene:
        for _ in range(20):
            scene.hv.ofctl("del-flows", "br-int")


@tap.case("one flow deleted")
def del_one_flow():
    with tampering() as scene:
        gate = scene.nb.uuid("Network", "blue").replace("-", "")[:16]
        scene.hv.ofctl("del-flows", "br-int", "cookie=0x%s/-1,table=8" % gate)


@tap.case("the actions of flows changed")
def mod_flows():
    with tampering() as scene:
        scene.hv.ofctl("mod-flows", "br-int", "table=40,actions=drop")


@tap.case("a port's gate opened by hand")
def opened_gate():
    with tampering() as scene:
        scene.nb.ctl("--wait=hv", "port-disable", "b")
        number = scene.hv.ofport(scene.b.name)
        scene.hv.ofctl("mod-flows", "br-int",
                       "table=40,reg5=%d,actions=output:%d" % (number, number))
        scene.hv.wait_in_step()
        assert not probe(scene.vms).unicast
        scene.nb.ctl("--wait=hv", "port-enable", "b")


@tap.case("a foreign flow added above all others")
def foreign_flow():
    with tampering() as scene:
        scene.hv.ofctl("add-flow", "br-int", "priority=65535,actions=NORMAL")


@tap.case("all flows replaced by others")
def replace_flows():
    with tampering() as scene:
        scene.hv.ofctl("replace-flows", "br-int", "-",
                       stdin="priority=7,actions=ALL\n"
                             "table=24,actions=drop\n")


@tap.case("flows deleted while the agent is away")
def deleted_while_away():
    with tampering() as scene:
        scene.hv.agent.stop()
        scene.hv.ofctl("del-flows", "br-int", "table=40")
        scene.hv.ofctl("add-flow", "br-int", "priority=9,actions=ALL")
        scene.hv.agent.start()


@tap.case("a controller set and removed")
def set_controller():
    with tampering() as scene:
        scene.hv.vsctl("set-controller", "br-int", "tcp:127.0.0.1:9")
        scene.wait_healed()
        scene.hv.vsctl("del-controller", "br-int")


@tap.case("fail_mode changed: refused, and healed when it is secure again")
def fail_mode():
    with tampering() as scene:
        hv = scene.hv
        hv.vsctl("set-fail-mode", "br-int", "standalone")
        wait_until(lambda: "secure" in hv.vsctl(
            "--if-exists", "get", "Bridge", "br-int",
            "external_ids:sluice-status"), what="a status of the bridge")
        assert "fail_mode=standalone" in hv.agent.appctl("status")
        assert hv.vsctl("get-fail-mode", "br-int") == "standalone"
        hv.vsctl("set-fail-mode", "br-int", "secure")
        wait_until(lambda: "sluice-status" not in hv.vsctl(
            "get", "Bridge", "br-int", "external_ids"), what="no status")


@tap.case("a bridge that is not secure is refused from the start")
def insecure_from_the_start():
    with Lab() as lab:
        hv = lab.add_hypervisor("hv1", agent=False)
        hv.vsctl("add-br", "br-int", "--", "set", "Bridge", "br-int",
                 "datapath_type=netdev")
        before = hv.ofctl("--no-stats", "dump-flows", "br-int")
        hv.start_agent()
        wait_until(lambda: "must be secure" in hv.vsctl(
            "--if-exists", "get", "Bridge", "br-int",
            "external_ids:sluice-status"), what="a status of the bridge")
        assert hv.vsctl("get-fail-mode", "br-int") == ""
        assert hv.ofctl("--no-stats", "dump-flows", "br-int") == before
        hv.vsctl("set-fail-mode", "br-int", "secure")
        hv.wait_in_step()


def plug_again(scene):
    for vm in scene.vms:
        scene.hv.plug(vm.name, vm.port)
    for vm in scene.vms:
        scene.hv.wait_status(vm.name, "up")


@tap.case("the bridge deleted: it is made again, secure")
def bridge_deleted():
    with Lab() as lab:
        scene = Scene(lab)
        hv = scene.hv
        hv.vsctl("del-br", "br-int")
        wait_until(lambda: hv.vsctl("get-fail-mode", "br-int") == "secure",
                   what="a new bridge")
        lab.nb.wait_hosts(scene.a.port)
        plug_again(scene)
        hv.wait_in_step()
        scene.check_traffic()


@tap.case("the bridge replaced by one of the same name at once")
def bridge_replaced():
    with Lab() as lab:
        scene = Scene(lab)
        scene.hv.vsctl("del-br", "br-int", "--", "add-br", "br-int", "--",
                       "set", "Bridge", "br-int", "datapath_type=netdev",
                       "fail_mode=secure")
        plug_again(scene)
        scene.hv.wait_in_step()
        scene.check_traffic()


@tap.case("a binding that somebody deletes or falsifies is written again")
def bindings():
    with Lab() as lab:
        scene = Scene(lab)
        port = [["port", "==", ["uuid", scene.a.port]]]
        lab.nb.transact({"op": "delete", "table": "Port_Binding",
                         "where": port})
        lab.nb.wait_binding(scene.a.port, "hv1", up=True, fault="")
        lab.nb.transact({"op": "update", "table": "Port_Binding",
                         "where": port, "row": {"up": False, "fault": "x"}})
        lab.nb.wait_binding(scene.a.port, "hv1", up=True, fault="")
        lab.nb.transact({"op": "delete", "table": "Network_Binding",
                         "where": []})
        wait_until(lambda: len(lab.nb.rows("Network_Binding")) == 2,
                   what="the network bindings")
        lab.nb.transact({"op": "delete", "table": "Agent", "where": []})
        wait_until(lambda: lab.nb.rows("Agent", where=[
            ["host", "==", "hv1"], ["heartbeat", ">", 0]]),
            what="the Agent row")


@tap.case("a sluice-status that somebody changes is set right")
def status():
    with Lab() as lab:
        scene = Scene(lab)
        hv, name = scene.hv, scene.a.name
        hv.vsctl("set", "Interface", name, "external_ids:sluice-status=x")
        hv.wait_status(name, "up")
        hv.vsctl("remove", "Interface", name, "external_ids", "sluice-status")
        hv.wait_status(name, "up")


tap.main()
