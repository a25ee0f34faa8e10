#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Configuration that changes while the agent runs: the hypervisor's name, its
bridge, its northbound database; and two hypervisors with one name."""

import json
import os

from lab import Lab, paths, probe, process, tap, wait_until


class Scene:
    """A hypervisor with ports a and b in network blue."""

    def __init__(self, lab):
        self.lab, self.nb = lab, lab.nb
        self.hv = lab.add_hypervisor("hv1")
        self.nb.ctl("net-add", "blue")
        self.a = self.hv.add_port("blue", "a")
        self.b = self.hv.add_port("blue", "b")
        self.hv.wait_in_step()

    def joined(self):
        """True if a and b reach each other."""
        reach = probe([self.a, self.b])
        assert reach.unicast == reach.broadcast
        return len(reach.unicast) == 2


def hosts(lab, table):
    """Returns the hosts that have rows in `table`."""
    return {row["host"] for row in lab.nb.rows(table)}


@tap.case("sluice-host: bindings of the new name, nobody waits for the old")
def host():
    with Lab() as lab:
        scene = Scene(lab)
        watch = scene.hv.watch_flows()
        scene.hv.configure(sluice_host="renamed")
        for table in ("Port_Binding", "Network_Binding", "Agent"):
            wait_until(lambda: "renamed" in hosts(lab, table),
                       what="rows of the new name in " + table)
        scene.hv.wait_in_step()
        assert watch.changes() == []
        watch.close()
        lab.nb.ctl("--wait=hv", "port-disable", "a")
        assert not scene.joined()


@tap.case("sluice-host: the new name's admin state is in force")
def host_down():
    with Lab() as lab:
        scene = Scene(lab)
        lab.nb.ctl("host-disable", "maintenance")
        assert scene.joined()
        scene.hv.configure(sluice_host="maintenance")
        wait_until(lambda: not scene.joined(), what="the admin state")
        scene.hv.configure(sluice_host="hv1")
        wait_until(scene.joined, what="the other admin state")


@tap.case("a Host row that is removed says nothing any more")
def host_removed():
    with Lab() as lab:
        scene = Scene(lab)
        lab.nb.ctl("--wait=hv", "host-disable", "hv1")
        assert not scene.joined()
        lab.nb.transact({"op": "delete", "table": "Host", "where": []})
        wait_until(scene.joined, what="traffic")


@tap.case("sluice-bridge: the ports of the other bridge, from then on")
def bridge():
    with Lab() as lab:
        scene = Scene(lab)
        hv = scene.hv
        hv.configure(sluice_bridge="br-new")
        wait_until(lambda: hv.vsctl("get-fail-mode", "br-new") == "secure",
                   what="the new bridge")
        lab.nb.wait_hosts(scene.a.port)
        hv.bridge = "br-new"
        for vm in (scene.a, scene.b):
            hv.vsctl("del-port", vm.name)
            hv.plug(vm.name, vm.port)
            hv.wait_status(vm.name, "up")
        hv.wait_in_step()
        assert scene.joined()


@tap.case("sluice-bridge: the tunnel port goes with it")
def bridge_of_tunnel():
    with Lab() as lab:
        hv = Scene(lab).hv

        def has_tunnel(name):
            return "sluice-vxlan" in hv.vsctl("list-ports", name).split()

        assert has_tunnel("br-int")
        hv.configure(sluice_bridge="br-new")
        wait_until(lambda: "br-new" in hv.vsctl("list-br").split(),
                   what="the new bridge")
        wait_until(lambda: has_tunnel("br-new"), what="the tunnel port")
        assert not has_tunnel("br-int")


@tap.case("sluice-remote: another database, with other ports")
def remote():
    with Lab() as lab:
        scene = Scene(lab)
        # One that has a, but not b.
        other = os.path.join(lab.dir, "other.db")
        process.run(["ovsdb-tool", "create", other, paths.NB_SCHEMA])
        network = ["named-uuid", "n"]
        process.run(["ovsdb-tool", "transact", other, json.dumps(
            ["Sluice_Northbound",
             {"op": "insert", "table": "Network", "uuid-name": "n",
              "row": {"name": "blue", "admin_state_up": True}},
             {"op": "insert", "table": "Port", "uuid": scene.a.port,
              "row": {"name": "a", "network": network,
                      "admin_state_up": True, "mac_address": scene.a.mac,
                      "port_security_enabled": True}}])])
        rundir = os.path.join(lab.dir, "other")
        os.makedirs(rundir)
        server = process.Daemon(
            lab.mgmt, "ovsdb-server",
            ["ovsdb-server", other, "--remote=ptcp:6641:172.31.0.1"],
            rundir, rundir, {"OVS_RUNDIR": rundir})
        server.start()
        scene.hv.configure(sluice_remote="tcp:172.31.0.1:6641")
        scene.hv.wait_status(scene.b.name, "unknown-port")
        scene.hv.wait_in_step()
        assert scene.hv.status(scene.a.name) == "up"
        assert not scene.joined()
        scene.hv.configure(sluice_remote=scene.hv.remote)
        scene.hv.wait_status(scene.b.name, "up")
        assert scene.joined()
        server.stop()


@tap.case("the northbound database's schema is upgraded under it")
def upgrade():
    with Lab() as lab:
        scene = Scene(lab)
        watch = scene.hv.watch_flows()
        with open(paths.NB_SCHEMA) as f:
            schema = json.load(f)
        del schema["cksum"]
        schema["tables"]["Port"]["columns"]["novelty"] = {"type": "string"}
        lab.nb.convert(schema)
        lab.nb.ctl("--wait=hv", "--timeout=20", "net-disable", "blue")
        assert not scene.joined()
        assert len(watch.changes()) == 1
        watch.close()


@tap.case("two hypervisors with one name: the second says so")
def two_of_a_name():
    with Lab() as lab:
        scene = Scene(lab)
        hv2 = lab.add_hypervisor("hv2")
        hv2.configure(sluice_host="hv1")
        wait_until(lambda: "another agent has its name"
                   in hv2.agent.appctl("status"), what="a complaint")
        # The first goes on, and its rows are its own.
        lab.nb.ctl("--wait=hv", "port-disable", "a")
        assert not scene.joined()
        rows = lab.nb.rows("Port_Binding")
        assert {r["port"][1] for r in rows} == {scene.a.port, scene.b.port}
        # Named as it should be, it is welcome.
        hv2.configure(sluice_host="hv2")
        wait_until(lambda: hosts(lab, "Agent") == {"hv1", "hv2"},
                   what="both Agent rows")
        hv2.wait_in_step()


tap.main()
