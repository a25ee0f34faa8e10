#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Daemons killed, restarted and cut off while packets flow: who may talk loses
no packet by it, and who may not gets none through."""

from lab import Lab, probe, tap, wait_until

# A reconnecting agent waits up to eight seconds between attempts, and then
# some, so that not all of a datacenter come at once.
RECONNECT = 30


class Scene:
    """A hypervisor with networks blue, whose ports a and b are up and c is
    down, and red, which is down, with d and e; and flows between them."""

    def __init__(self, lab):
        self.lab, self.nb = lab, lab.nb
        self.hv = lab.add_hypervisor("hv1")
        for network in ("blue", "red"):
            self.nb.ctl("net-add", network)
        self.a, self.b, self.c = (
            self.hv.add_port("blue", name, ip="10.0.0.%d/24" % i)
            for i, name in enumerate("abc", 1))
        self.d, self.e = (
            self.hv.add_port("red", name, ip="10.0.0.%d/24" % i)
            for i, name in enumerate("de", 4))
        self.nb.ctl("--wait=hv", "port-disable", "c")
        self.nb.ctl("--wait=hv", "net-disable", "red")
        self.hv.wait_in_step()

    def start(self):
        self.good = self.a.start_flow(self.b, pps=1000)
        self.shut = [self.a.start_flow(self.c, pps=200),
                     self.c.start_flow(self.b, pps=200),
                     self.c.start_flow(self.b, pps=200,
                                       mac="ff:ff:ff:ff:ff:ff"),
                     self.d.start_flow(self.e, pps=200)]
        self.good.wait_received(100)

    def stop(self):
        """Ends the flows; checks those that are shut and returns the report
        of the good one."""
        self.good.wait_received(300)
        good = self.good.stop()
        for flow in self.shut:
            result = flow.stop()
            assert result["received"] == 0 < result["sent"], result
        return good

    def check_no_loss(self):
        """Ends the flows; checks that none has lost more than it would have
        without all that happened."""
        result = self.stop()
        if result["lost"]:
            # Then as many packets again, in peace.
            self.start()
            self.good.wait_received(result["sent"],
                                    timeout=result["sent"] / 500)
            control = self.stop()
            assert result["lost"] <= control["lost"], (result, control)

    def check_works(self):
        """Checks that the agent still does as it is told."""
        vms = [self.a, self.b, self.c, self.d, self.e]
        self.nb.ctl("--wait=hv", "port-disable", "b")
        assert not probe(vms).both()
        self.nb.ctl("--wait=hv", "port-enable", "b", "--", "port-enable", "c",
                    "--", "net-enable", "red")
        blue, red = probe(vms[:3]), probe(vms[3:])
        assert len(blue.both()) == 6 and len(red.both()) == 2


def undisturbed(action):
    """Runs a case: action(scene) happens while packets flow, and harms
    none; no flow of the switch is touched."""
    with Lab() as lab:
        scene = Scene(lab)
        watch = scene.hv.watch_flows()
        scene.start()
        action(scene)
        scene.hv.wait_in_step(timeout=RECONNECT)
        scene.check_no_loss()
        changes = watch.changes()
        assert not changes, "\n".join(changes)
        watch.close()
        scene.check_works()


def kill(daemon):
    daemon.kill9()
    daemon.start()


@tap.case("in peace")
def peace():
    undisturbed(lambda scene: scene.good.wait_received(1000))


@tap.case("agent killed")
def agent_killed():
    undisturbed(lambda scene: kill(scene.hv.agent))


@tap.case("agent killed at any moment of its start, again and again")
def agent_killed_again():
    def action(scene):
        for i in range(12):
            kill(scene.hv.agent)
            # Up to the moment when all is in step again.
            scene.good.wait_received(1 + i * 8)
    undisturbed(action)


@tap.case("agent upgraded: asked to exit, and another started")
def agent_upgraded():
    undisturbed(lambda scene: scene.hv.agent.restart())


@tap.case("agent away for long")
def agent_away():
    def action(scene):
        scene.hv.agent.kill9()
        scene.good.wait_received(5000, timeout=30)
        scene.hv.agent.start()
    undisturbed(action)


@tap.case("northbound database killed, away for long, and back")
def nb_away():
    def action(scene):
        scene.nb.kill9()
        scene.good.wait_received(6000, timeout=30)
        assert (scene.hv.agent.appctl("connection-status").strip()
                == "not connected")
        scene.nb.start()
    undisturbed(action)


@tap.case("northbound database restarted, again and again")
def nb_restarts():
    def action(scene):
        for _ in range(3):
            kill(scene.nb.daemon)
            scene.good.wait_received(200)
    undisturbed(action)


@tap.case("agent killed while the northbound database is away")
def both_away():
    def action(scene):
        scene.nb.kill9()
        kill(scene.hv.agent)
        # It knows of no port now, and touches none.
        wait_until(lambda: "everything_known    : false"
                   in scene.hv.agent.appctl("status"), what="an answer")
        scene.good.wait_received(3000)
        scene.nb.start()
    undisturbed(action)


def flows_untouched(action):
    """Runs a case that harms no flow.  Packets it may: without its database
    ovs-vswitchd does not look at ports in userspace for a second."""
    with Lab() as lab:
        scene = Scene(lab)
        watch = scene.hv.watch_flows()
        scene.start()
        action(scene)
        scene.hv.wait_in_step(timeout=RECONNECT)
        scene.stop()
        assert not watch.changes()
        watch.close()
        scene.check_works()


@tap.case("the switch's database killed")
def ovsdb_killed():
    flows_untouched(lambda scene: kill(scene.hv.ovsdb))


@tap.case("all but ovs-vswitchd killed at once")
def all_at_once():
    def action(scene):
        for daemon in (scene.nb.daemon, scene.hv.agent, scene.hv.ovsdb):
            daemon.kill9()
        for daemon in (scene.hv.ovsdb, scene.hv.agent, scene.nb.daemon):
            daemon.start()
    flows_untouched(action)


def vswitchd(action):
    """Runs a case in which ovs-vswitchd goes: packets are lost, but then
    flow again, and none where none may."""
    with Lab() as lab:
        scene = Scene(lab)
        flows = scene.hv.flows()
        scene.start()
        action(scene)
        scene.hv.wait_in_step()
        assert scene.hv.flows() == flows
        scene.stop()
        scene.check_works()


@tap.case("ovs-vswitchd killed")
def vswitchd_killed():
    vswitchd(lambda scene: kill(scene.hv.vswitchd))


@tap.case("ovs-vswitchd restarted, again and again")
def vswitchd_restarted():
    def action(scene):
        for _ in range(3):
            scene.hv.vswitchd.restart()
    vswitchd(action)


@tap.case("ovs-vswitchd killed while the agent is away")
def vswitchd_without_agent():
    def action(scene):
        scene.hv.agent.kill9()
        kill(scene.hv.vswitchd)
        # Closed, as long as nobody says what may pass.
        assert not scene.hv.flows()
        scene.hv.agent.start()
    vswitchd(action)


@tap.case("ovs-vswitchd restarted while the northbound database is away")
def vswitchd_without_nb():
    def action(scene):
        scene.nb.kill9()
        kill(scene.hv.vswitchd)
        # What is known is enough.
        scene.good.wait_received(100)
        scene.nb.start()
        scene.hv.wait_in_step(timeout=RECONNECT)
    vswitchd(action)


@tap.case("a whole hypervisor's daemons killed")
def hypervisor_killed():
    def action(scene):
        for daemon in scene.hv.daemons():
            daemon.kill9()
        for daemon in reversed(scene.hv.daemons()):
            daemon.start()
    vswitchd(action)


tap.main()
