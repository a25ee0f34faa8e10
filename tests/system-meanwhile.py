#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What changes while an agent is cut off, or away, is in force when it is
back: deletions above all, which nobody tells it of."""

import json

from lab import Lab, probe, process, tap, wait_until

# A reconnecting agent waits up to eight seconds between attempts.
RECONNECT = 30


class Scene:
    """A hypervisor with networks blue (ports a, b) and red (d, e)."""

    def __init__(self, lab):
        self.nb, self.hv = lab.nb, lab.add_hypervisor("hv1")
        for network in ("blue", "red"):
            self.nb.ctl("net-add", network)
        self.a, self.b = (self.hv.add_port("blue", name) for name in "ab")
        self.d, self.e = (self.hv.add_port("red", name) for name in "de")
        self.hv.wait_in_step()

    def pairs(self):
        """Returns who reaches whom."""
        names = {vm.name: name for vm, name in zip(
            (self.a, self.b, self.d, self.e), "abde")}
        reach = probe([self.a, self.b, self.d, self.e])
        assert reach.unicast == reach.broadcast and not reach.stray
        return {names[x] + names[y] for x, y in reach.unicast}


def changed_meanwhile(cut_off, change, back):
    """Runs a case: b is taken from a by change(scene) while cut_off(scene)
    is in force; after back(scene) it is shut."""
    with Lab() as lab:
        scene = Scene(lab)
        cut_off(scene)
        change(scene)
        assert scene.pairs() == {"ab", "ba", "de", "ed"}
        back(scene)
        scene.hv.wait_in_step(timeout=RECONNECT)
        assert scene.pairs() == {"de", "ed"}
        return scene.hv.status(scene.b.name)


CHANGES = {
    "deleted": ["port-del", "b"],
    "disabled": ["port-disable", "b"],
    "of a disabled network": ["net-disable", "blue"],
}


def agent_away_case(what, command):
    @tap.case("a port %s while the agent was away is shut when it is back"
              % what)
    def case():
        changed_meanwhile(lambda scene: scene.hv.agent.kill9(),
                          lambda scene: scene.nb.ctl(*command),
                          lambda scene: scene.hv.agent.start())


for item in CHANGES.items():
    agent_away_case(*item)


def offline(nb, *operations):
    """Changes the database while no server has it."""
    results = json.loads(process.run(
        ["ovsdb-tool", "transact", nb.db,
         json.dumps(["Sluice_Northbound", *operations])]))
    assert not any(r and "error" in r for r in results), results


@tap.case("a port deleted from the database while that was down is shut")
def deleted_offline():
    status = changed_meanwhile(
        lambda scene: scene.nb.kill9(),
        lambda scene: offline(scene.nb, {
            "op": "delete", "table": "Port",
            "where": [["name", "==", "b"]]}),
        lambda scene: scene.nb.start())
    assert status == "unknown-port", status


@tap.case("a network and its ports deleted while the database was down")
def network_deleted_offline():
    def change(scene):
        blue = ["uuid", scene.nb.uuid("Network", "blue")]
        scene.nb.kill9()
        offline(scene.nb,
                {"op": "delete", "table": "Port",
                 "where": [["network", "==", blue]]},
                {"op": "delete", "table": "Network",
                 "where": [["name", "==", "blue"]]})
    changed_meanwhile(lambda scene: None, change,
                      lambda scene: scene.nb.start())


@tap.case("a port deleted while its hypervisor's cable was out is shut")
def cable_out():
    with Lab(probe=1000) as lab:
        scene = Scene(lab)
        lab.mgmt.ip("link set hv1 down")
        wait_until(lambda: scene.hv.agent.appctl("connection-status").strip()
                   == "not connected", what="the agent to notice")
        lab.nb.ctl("port-del", "b")
        assert scene.pairs() == {"ab", "ba", "de", "ed"}
        lab.mgmt.ip("link set hv1 up")
        scene.hv.wait_status(scene.b.name, "unknown-port", timeout=RECONNECT)
        scene.hv.wait_in_step()
        assert scene.pairs() == {"de", "ed"}


@tap.case("a port moved to another network while the agent was away")
def moved_network():
    with Lab() as lab:
        scene = Scene(lab)
        scene.hv.agent.kill9()
        lab.nb.transact({
            "op": "update", "table": "Port", "where": [["name", "==", "b"]],
            "row": {"network": ["uuid", lab.nb.uuid("Network", "red")],
                    "revision_number": 9}})
        scene.hv.agent.start()
        scene.hv.wait_in_step()
        assert scene.pairs() == {"bd", "be", "db", "de", "eb", "ed"}


@tap.case("ports unplugged while the agent was away lose their bindings")
def unplugged_meanwhile():
    with Lab() as lab:
        scene = Scene(lab)
        scene.hv.agent.kill9()
        for vm in (scene.d, scene.e):
            scene.hv.unplug(vm.name)
        scene.hv.agent.start()
        for vm in (scene.d, scene.e):
            lab.nb.wait_hosts(vm.port)
        wait_until(lambda: len(lab.nb.rows("Network_Binding")) == 1,
                   what="the binding of red to go")
        scene.hv.wait_in_step()
        assert scene.pairs() == {"ab", "ba"}


# Four random times of a whole second come within this many ms of each other
# once in 30,000 runs.
TOGETHER = 20


@tap.case("a database that comes back meets its agents one by one")
def jitter():
    with Lab() as lab:
        hvs = [lab.add_hypervisor() for _ in range(4)]
        for hv in hvs:
            hv.wait_in_step()
        lab.nb.kill9()
        lab.nb.start()
        for hv in hvs:
            hv.wait_in_step(timeout=RECONNECT)
        tried = sorted(first_attempt(hv) for hv in hvs)
        assert tried[-1] - tried[0] > TOGETHER, tried


def first_attempt(hv):
    """Returns when an agent first tried to connect again, in ms of the
    day."""
    with open(hv.agent.log) as f:
        log = f.read()
    log = log[log.index("connection to the northbound database lost"):]
    line = [line for line in log.splitlines()
            if hv.remote + ": connecting" in line][0]
    hours, minutes, seconds = line[11:23].split(":")
    return round((int(hours) * 60 + int(minutes)) * 60000
                 + float(seconds) * 1000)


tap.main()
