#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Bad input: the one concerned gets a fault, in words, where the operator
looks, and one line in the log; every other works on; and when the input is
mended, so is what it was about."""

import json

from lab import Lab, paths, probe, tap, wait_until


class Scene:
    """A hypervisor with ports a and b in network blue, which must go on."""

    def __init__(self, lab):
        self.lab, self.nb = lab, lab.nb
        self.hv = lab.add_hypervisor("hv1")
        self.nb.ctl("net-add", "blue")
        self.a = self.hv.add_port("blue", "a")
        self.b = self.hv.add_port("blue", "b")
        self.hv.wait_in_step()
        self.vms = [self.a, self.b]
        self.check()

    def check(self, *more):
        """Checks that a, b and `more`, but nobody else, reach each other."""
        names = {vm.name for vm in (self.a, self.b) + more}
        reach = probe(self.vms)
        pairs = {(x, y) for x in names for y in names if x != y}
        assert reach.unicast == reach.broadcast == pairs, vars(reach)

    def add(self, mac=None, network="blue", vm_mac=None):
        """Declares port "bad" with `mac`, as a careless client of the
        database might, and plugs a VM; returns it."""
        mac = self.lab.next_mac() if mac is None else mac
        port = self.nb.add_ports(network, [mac])[0]
        vm = self.hv.add_vif(port, mac=vm_mac)
        vm.port = port
        self.vms.append(vm)
        return vm

    def set(self, vm, revision, **columns):
        """Changes columns of a VM's port."""
        columns["revision_number"] = revision
        self.nb.transact({"op": "update", "table": "Port",
                          "where": [["_uuid", "==", ["uuid", vm.port]]],
                          "row": columns})

    def wait_fault(self, vm, text):
        """Waits until `text` is the fault in the binding of a VM's port and
        in its interface's sluice-status, once in the log, and nothing
        passes."""
        row = wait_until(lambda: fault_of(self.nb.binding(vm.port, "hv1")),
                         what="a fault")
        assert text in row["fault"] and not row["up"], row
        self.hv.wait_status(vm.name, row["fault"])
        assert self.log_lines(text) == 1
        self.check()

    def wait_mended(self, vm, revision):
        self.nb.wait_binding(vm.port, "hv1", up=True, fault="",
                             revision_number=revision)
        self.hv.wait_status(vm.name, "up")
        self.hv.wait_in_step()

    def log_lines(self, text):
        with open(self.hv.agent.log) as f:
            return sum("|WARN|" in line and text in line for line in f)


def fault_of(row):
    return row if row and row["fault"] else None


def relax(lab, change):
    """Converts the northbound database to a schema that takes what ours
    refuses: change(tables) alters a copy of it."""
    with open(paths.NB_SCHEMA) as f:
        schema = json.load(f)
    change(schema["tables"])
    del schema["cksum"]
    lab.nb.convert(schema)


def bad_mac(what, mac):
    @tap.case("MAC address: " + what)
    def case():
        with Lab() as lab:
            scene = Scene(lab)
            vm = scene.add(mac)
            scene.wait_fault(vm, 'mac_address "%s"' % mac)
            scene.set(vm, 2, mac_address=vm.mac)
            scene.wait_mended(vm, 2)
            scene.check(vm)
            # And bad again, while it is in use.
            scene.set(vm, 3, mac_address=mac + " ")
            scene.wait_fault(vm, 'mac_address "%s "' % mac)


bad_mac("malformed", "0a:00:00:00:00")
bad_mac("none", "")
bad_mac("of a group", "01:00:5e:00:00:01")


@tap.case("one MAC address twice in a network, written differently")
def mac_twice():
    with Lab() as lab:
        scene = Scene(lab)
        vm = scene.add(scene.a.mac.upper(), vm_mac=lab.next_mac())
        # Whoever was first has it.
        wait_until(lambda: fault_of(lab.nb.binding(vm.port, "hv1")),
                   what="a fault")
        wait_until(lambda: scene.hv.status(vm.name)
                   == lab.nb.binding(vm.port, "hv1")["fault"],
                   what="a fault in its status")
        reach = probe(scene.vms)
        assert (scene.b.name, scene.a.name) in reach.both()
        assert (scene.a.name, scene.b.name) in reach.both()
        assert not reach.stray
        scene.set(vm, 2, mac_address=vm.mac)
        scene.wait_mended(vm, 2)
        scene.check(vm)


def bad_network(what, text, row):
    @tap.case("network: " + what)
    def case():
        def change(tables):
            del tables["Segment"]["columns"]["network_type"]["type"]["key"][
                "enum"]
        with Lab() as lab:
            relax(lab, change)
            scene = Scene(lab)
            add_network(lab, "bad", row)
            vm, other = scene.add(network="bad"), scene.add(network="bad")
            network = ["network", "==",
                       ["uuid", lab.nb.uuid("Network", "bad")]]
            wait_until(lambda: any(
                text in r["fault"] for r in lab.nb.rows(
                    "Network_Binding", where=[network])), what="its fault")
            assert text in scene.hv.agent.appctl("network/list")
            assert scene.log_lines(text) == 1
            scene.hv.wait_in_step()
            # Its ports have no fault of their own.
            for port in (vm, other):
                scene.hv.wait_status(port.name, "up")
            assert not {(x, y) for x, y in probe(scene.vms).unicast
                        if (x in (scene.a.name, scene.b.name))
                        != (y in (scene.a.name, scene.b.name))}
            # Mended: a local network.
            lab.nb.transact({"op": "update", "table": "Network",
                             "where": [["name", "==", "bad"]],
                             "row": {"segment": ["set", []],
                                     "revision_number": 2}})
            wait_until(lambda: lab.nb.rows("Network_Binding", where=[
                network, ["fault", "==", ""],
                ["revision_number", "==", 2]]), what="no fault")


def add_network(lab, name, segment):
    lab.nb.transact(
        {"op": "insert", "table": "Segment", "row": segment,
         "uuid-name": "s"},
        {"op": "insert", "table": "Network",
         "row": {"name": name, "admin_state_up": True, "revision_number": 1,
                 "segment": ["named-uuid", "s"]}})


bad_network("unknown network_type", "network_type is none",
            {"network_type": "mpls", "physical_network": "",
             "segmentation_id": 7})
bad_network("VLAN 5000", "segmentation_id 5000",
            {"network_type": "vlan", "physical_network": "physnet",
             "segmentation_id": 5000})
bad_network("VLAN 0", "segmentation_id 0",
            {"network_type": "vlan", "physical_network": "physnet",
             "segmentation_id": 0})
bad_network("physical network that nobody has", 'physical_network "nowhere"',
            {"network_type": "flat", "physical_network": "nowhere",
             "segmentation_id": 0})


@tap.case("a port whose network is gone")
def network_gone():
    def change(tables):
        tables["Port"]["columns"]["network"]["type"] = {
            "key": {"type": "uuid"}, "min": 1, "max": 1}
    with Lab() as lab:
        relax(lab, change)
        scene = Scene(lab)
        lab.nb.transact({"op": "insert", "table": "Network",
                         "row": {"name": "gone", "admin_state_up": True}})
        vm = scene.add(network="gone")
        lab.nb.wait_binding(vm.port, "hv1", up=True, fault="")
        gone = lab.nb.uuid("Network", "gone")
        lab.nb.transact({"op": "delete", "table": "Network",
                         "where": [["name", "==", "gone"]]})
        scene.wait_fault(vm, "network %s" % gone)
        # The same when the agent has never seen it.
        scene.hv.agent.restart()
        scene.hv.wait_in_step()
        row = lab.nb.binding(vm.port, "hv1")
        assert gone in row["fault"] and not row["up"], row
        blue = lab.nb.uuid("Network", "blue")
        scene.set(vm, 2, network=["uuid", blue])
        scene.wait_mended(vm, 2)


@tap.case("iface-ids that are no UUIDs")
def no_uuid():
    with Lab() as lab:
        scene = Scene(lab)
        vm = scene.hv.add_vif("vm-7", mac=lab.next_mac())
        short = scene.hv.add_vif(scene.a.port[:-1], mac=lab.next_mac())
        long = scene.hv.add_vif(scene.a.port + "0", mac=lab.next_mac())
        scene.vms += [vm, short, long]
        for bad, iface_id in ((vm, "vm-7"), (short, scene.a.port[:-1]),
                              (long, scene.a.port + "0")):
            wait_until(lambda: "is not a UUID" in scene.hv.status(bad.name)
                       and iface_id in scene.hv.status(bad.name),
                       what="a fault")
        scene.hv.wait_in_step()
        scene.check()
        assert scene.log_lines('"vm-7"') == 1
        port = lab.nb.ctl("port-add", "blue", "d", "mac_address=" + vm.mac)
        scene.hv.vsctl("set", "Interface", vm.name,
                       "external_ids:iface-id=" + port)
        scene.hv.wait_status(vm.name, "up")
        scene.check(vm)


@tap.case("a thousand faults are a few lines in the log")
def thousand():
    with Lab() as lab:
        scene = Scene(lab)
        ports = lab.nb.add_ports("blue", ["bad %d" % i for i in range(1000)])
        scene.hv.add_cheap_vifs(ports)
        wait_until(lambda: len(lab.nb.rows("Port_Binding", ["fault"], [
            ["fault", "!=", ""]])) == 1000, 60, "a thousand faults")
        assert 1 <= scene.log_lines("mac_address") < 100
        scene.check()


def bad_key(key, value, text):
    @tap.case("external_ids:%s=%s" % (key, value))
    def case():
        with Lab() as lab:
            scene = Scene(lab)
            flows = flows_of_objects(scene.hv)
            setting = key.replace("-", "_")
            old = scene.hv.vsctl("--if-exists", "get", "Open_vSwitch", ".",
                                 "external_ids:" + key).strip('"') or None
            scene.hv.configure(**{setting: value})
            wait_until(lambda: text in scene.hv.agent.appctl("status"),
                       what="the fault in status")
            assert key in scene.hv.agent.appctl("status")
            assert scene.log_lines(text) == 1
            scene.hv.wait_in_step()
            assert flows_of_objects(scene.hv) == flows
            lab.nb.ctl("--wait=hv", "port-disable", "a", "--", "port-enable",
                       "b")
            lab.nb.ctl("--wait=hv", "port-enable", "a")
            scene.check()
            scene.hv.configure(**{setting: old})
            wait_until(lambda: text not in scene.hv.agent.appctl("status"),
                       what="no fault in status")
            scene.hv.wait_in_step()


def flows_of_objects(hv):
    """Returns the flows of ports and networks: without those that are there
    for a tunnel, whoever uses it."""
    return {f for f in hv.flows() if "cookie=0x51," not in f}


bad_key("sluice-bridge-mappings", "physnet", '"physnet" is not')
bad_key("sluice-bridge-mappings", "p:br-a,p:br-b", '"p" is mapped twice')
bad_key("sluice-encap-ip", "1.2.3", '"1.2.3" is not an IP address')
bad_key("sluice-encap-type", "gre", '"gre"')
bad_key("sluice-heartbeat-interval", "soon", '"soon" is not a number')
bad_key("sluice-remote-probe-interval", "-5", '"-5" is not a number')


@tap.case("external_ids:sluice-remote, that nothing can be connected to")
def bad_remote():
    with Lab() as lab:
        scene = Scene(lab)
        watch = scene.hv.watch_flows()
        for remote in ("nonsense", "tcp:nobody:x", "tcp:127.0.0.1:9", None):
            scene.hv.configure(sluice_remote=remote)
            wait_until(lambda: scene.hv.agent.appctl("connection-status")
                       .strip() == "not connected", what="it to be cut off")
            scene.check()
        scene.hv.configure(sluice_remote=scene.hv.remote)
        scene.hv.wait_in_step()
        assert watch.changes() == []
        watch.close()


@tap.case("a flow that the switch refuses: its table is full")
def table_full():
    with Lab() as lab:
        scene = Scene(lab)
        hv = scene.hv
        n = sum("table=" not in f.split("priority")[0] for f in hv.flows())
        hv.vsctl("--", "--id=@t", "create", "Flow_Table",
                 "flow_limit=%d" % n, "overflow_policy=refuse", "--", "set",
                 "Bridge", "br-int", "flow_tables:0=@t")
        vm = scene.add(vm_mac="0a:00:00:ff:ff:01", mac="0a:00:00:ff:ff:01")
        scene.wait_fault(vm, "refused by the switch")
        assert hv.agent.coverage()["agent_flow_refused"] >= 1
        # Everything else still does as it is told.
        lab.nb.ctl("--wait=hv", "port-disable", "a")
        assert not probe(scene.vms).unicast
        lab.nb.ctl("--wait=hv", "port-enable", "a")
        scene.check()
        hv.wait_in_step()
        # Room again; tried again when something about the port changes.
        hv.vsctl("clear", "Bridge", "br-int", "flow_tables")
        scene.set(vm, 2, name="again")
        scene.wait_mended(vm, 2)
        scene.check(vm)


tap.main()
