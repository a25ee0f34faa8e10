#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The Networking API and real hypervisors: what is asked for is in force when
?wait=applied says so, and agents are seen and ruled through it."""

import contextlib
import os
import signal
import threading

from lab import Lab, tap, wait_until
from lab.rest import member

APPLIED = "?wait=applied"


class Scene:
    """Two VMs of one network on hypervisor hv1, made through the API."""

    def __init__(self, lab):
        self.lab = lab
        self.hv = lab.add_hypervisor("hv1")
        self.notifier = lab.add_notifier()
        self.client = self.notifier.client()
        self.net = self.client.create("network", name="blue")["id"]
        self.client.create("subnet", network_id=self.net, ip_version=4,
                           cidr="10.0.0.0/24")
        self.a, self.b = self.add_vm("vm1"), self.add_vm("vm2")
        for vm in (self.a, self.b):
            self.hv.wait_status(vm.name, "up")

    def add_vm(self, name):
        port = self.client.create("port", {"binding:host_id": self.hv.name},
                                  network_id=self.net, name=name)
        vm = self.hv.add_vif(
            port["id"], name=name, mac=port["mac_address"],
            ip=port["fixed_ips"][0]["ip_address"] + "/24")
        vm.port = port["id"]
        return vm

    def agent(self):
        return self.client.list("agent", host=self.hv.name)[0]

    def put(self, kind, id, query=APPLIED, **attributes):
        return self.client.put(member(kind, id) + query, {kind: attributes})

    def waiting(self):
        """How many requests wait for hypervisors."""
        status = self.notifier.appctl("status")
        return int(status.split(" waiting for hypervisors")[0]
                   .rpartition("(")[2])

    @contextlib.contextmanager
    def agent_stopped(self):
        """The agent hangs."""
        os.kill(self.hv.agent.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.hv.agent.pid, signal.SIGCONT)


@contextlib.contextmanager
def scene():
    with Lab() as lab:
        s = Scene(lab)
        with s.client:
            yield s


@tap.case("?wait=applied: answered when it is in force")
def applied():
    with scene() as s:
        assert s.a.ping(s.b) == 3
        for kind, id in (("port", s.a.port), ("network", s.net),
                         ("agent", s.agent()["id"])):
            for up in (False, True):
                reply = s.put(kind, id, admin_state_up=up)
                assert reply.status == 200, reply
                assert reply.json[kind]["admin_state_up"] is up
                assert s.a.reaches(s.b) is up, (kind, up)

        # What nobody has to apply does not wait.
        port = s.client.create("port", network_id=s.net)["id"]
        for timeout in ("", "&timeout=300"):
            reply = s.put("port", port, APPLIED + timeout, name="x")
            assert reply.status == 200, reply
        assert s.client.delete(member("port", port) + APPLIED).status == 204

        reply = s.client.delete(member("port", s.a.port) + APPLIED)
        assert reply.status == 204
        assert s.lab.nb.binding(s.a.port, "hv1") is None


@tap.case("?wait=applied: 202 names the hypervisors that are late")
def late():
    with scene() as s:
        with s.agent_stopped():
            for kind, id in (("port", s.a.port), ("network", s.net),
                             ("agent", s.agent()["id"])):
                reply = s.put(kind, id, APPLIED + "&timeout=1",
                              description="x")
                assert reply.status == 202, reply
                assert reply.json["late"] == ["hv1"]
                assert reply.json[kind]["description"] == "x"
            path = member("port", s.b.port) + APPLIED + "&timeout=0"
            reply = s.client.delete(path)
            assert (reply.status, reply.json) == (202, {"late": ["hv1"]})

            # One waits for it, however long, and it comes.
            replies = []
            with s.notifier.client() as other:
                thread = threading.Thread(target=lambda: replies.append(
                    other.put(member("port", s.a.port) + APPLIED +
                              "&timeout=60", {"port": {"name": "y"}})))
                thread.start()
                wait_until(lambda: s.waiting() == 1)
                os.kill(s.hv.agent.pid, signal.SIGCONT)
                thread.join()
            assert replies[0].status == 200, replies[0]

            # A client that goes is not waited for any longer.
            os.kill(s.hv.agent.pid, signal.SIGSTOP)
            with s.notifier.client() as other:
                other.connection.request(
                    "PUT", member("port", s.a.port) + APPLIED + "&timeout=60",
                    '{"port": {"name": "z"}}')
                wait_until(lambda: s.waiting() == 1)
            wait_until(lambda: s.waiting() == 0)
            assert s.client.show("port", s.a.port)["name"] == "z"


@tap.case("?wait=applied: a fault is the hypervisor's answer")
def fault():
    with scene() as s:
        # nbctl would refuse it, and so does the API.
        s.lab.nb.transact({"op": "update", "table": "Port",
                           "where": [["_uuid", "==", ["uuid", s.a.port]]],
                           "row": {"mac_address": "nonsense",
                                   "revision_number": 50}})
        s.lab.nb.wait_binding(s.a.port, "hv1", up=False)
        reply = s.put("port", s.a.port, APPLIED + "&timeout=300", name="x")
        assert (reply.status, reply.json["late"]) == (202, ["hv1"]), reply
        assert s.client.show("port", s.a.port)["status"] == "DOWN"


@tap.case("a port's status and binding follow its hypervisor")
def status():
    with scene() as s:
        port = s.client.show("port", s.a.port)
        assert port["status"] == "ACTIVE"
        assert port["binding:vif_type"] == "ovs"
        assert port["binding:vif_details"]["bridge_name"] == "br-int"
        reply = s.put("port", s.a.port, "",
                      mac_address="fa:16:3e:00:00:01")
        assert (reply.status, reply.type) == (409, "PortBound"), reply
        s.put("port", s.a.port, admin_state_up=False)
        assert s.client.show("port", s.a.port)["status"] == "DOWN"
        s.put("port", s.a.port, admin_state_up=True)
        s.hv.unplug("vm1")
        wait_until(lambda: s.client.show("port", s.a.port)["status"] == "DOWN")

        elsewhere = s.client.create("port", {"binding:host_id": "nowhere"},
                                    network_id=s.net)
        assert elsewhere["binding:vif_type"] == "binding_failed"
        moved = s.client.update("port", elsewhere["id"],
                                {"binding:host_id": None})
        assert moved["binding:vif_type"] == "unbound"
        assert moved["binding:host_id"] == ""


@tap.case("agents: seen, disabled, described, removed, back again")
def agents():
    with scene() as s:
        agent = s.agent()
        assert agent["alive"] is True and agent["admin_state_up"] is True
        assert agent["host"] == "hv1" and agent["binary"] == "sluice-agent"
        path = member("agent", agent["id"])
        assert s.client.get(path).json == {"agent": agent}
        assert s.lab.nb.rows("Host") == []
        changed = s.client.update("agent", agent["id"], description="rack 7")
        assert changed["description"] == "rack 7"
        assert changed["admin_state_up"] is True
        reply = s.client.put(path, {"agent": {"admin_state_up": False}},
                             **{"If-Match": "revision_number=7"})
        assert reply.status == 412, reply
        reply = s.client.put(path + APPLIED,
                             {"agent": {"admin_state_up": False}},
                             **{"If-Match": "revision_number=1"})
        assert reply.status == 200, reply
        assert not s.a.reaches(s.b)
        host, = s.lab.nb.rows("Host")
        assert host["updated_by"] == "api" and host["revision_number"] == 2
        for word, attributes in (("host", {"host": "x"}),
                                 ("alive", {"alive": False})):
            reply = s.client.put(path, {"agent": attributes})
            assert reply.status == 400 and word in reply.message, reply

        # A live agent writes its rows again; what is wanted of it stays.
        assert s.client.delete(path).status == 204
        wait_until(lambda: s.client.list("agent", host="hv1"))
        assert s.agent()["admin_state_up"] is False

        s.hv.agent.stop()
        tables = ("Agent", "Port_Binding", "Network_Binding",
                  "Port_Location", "Network_Location")
        nobody = ["uuid", "00000000-0000-4000-8000-000000000001"]
        s.lab.nb.transact(*(
            {"op": "insert", "table": table, "row": dict(row, host="hv1")}
            for table, row in (
                ("Port_Location", {"port": nobody, "network": nobody}),
                ("Network_Location", {"network": nobody}))))
        assert all(s.lab.nb.rows(table) for table in tables)
        s.client.remove("agent", s.agent()["id"])
        assert s.client.list("agent") == []
        for table in tables:
            assert s.lab.nb.rows(table) == []
        assert s.client.show("port", s.a.port)["status"] == "DOWN"


@tap.case("an agent shows by which tunnels its hypervisor is reached")
def reached():
    with Lab() as lab, lab.add_notifier().client() as client:
        for host, encaps in (
                ("none", {}), ("four", {"vxlan": "192.0.2.1"}),
                ("six", {"geneve": "2001:db8::1", "vxlan": "2001:db8::1"})):
            lab.nb.transact({"op": "insert", "table": "Agent", "row": {
                "host": host, "encaps": ["map", list(encaps.items())]}})
        wait_until(lambda: len(client.list("agent")) == 3, what="the agents")
        assert {a["host"]: (a["configurations"]["tunnel_types"],
                            a["configurations"]["tunneling_ip"])
                for a in client.list("agent")} == {
                    "none": ([], ""), "four": (["vxlan"], "192.0.2.1"),
                    "six": (["geneve", "vxlan"], "2001:db8::1")}


tap.main()
