#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""sluice-nbctl --wait=hv, port-show and agent-list: what hypervisors have
applied, and which of them are there.

The agents here are sessions of their own with the real server, which hold
locks and write bindings as sluice-agent does, at the moment the case needs."""

import json
import threading
import time

from lab import tap, wait_until
from lab.nbserver import NbServer, lock_name

NOT_APPLIED = 2


def fill(nb):
    """Makes network "net" with ports "a" and "b"; returns the UUIDs."""
    nb.ctl("net-add", "net", "--", "port-add", "net", "a", "--", "port-add",
           "net", "b")
    return (nb.uuid("Network", "net"), nb.uuid("Port", "a"),
            nb.uuid("Port", "b"))


def finish(started, status=0):
    out, err = started.communicate()
    assert started.returncode == status, (started.returncode, out, err)
    return err


def late(nb, *args):
    """Runs a command whose wait must end by its timeout."""
    return nb.fail("--timeout=1", "--wait=hv", *args, status=NOT_APPLIED)


def await_revision(nb, table, name, revision):
    wait_until(lambda: nb.revision(table, name) == revision)


@tap.case("what nobody hosts is not waited for")
def nobody():
    with NbServer() as nb:
        net, _, b = fill(nb)
        nb.agent("hv1").bind_port(b, net, 1)
        for args in (("port-disable", "a"), ("net-disable", "net"),
                     ("host-disable", "hv9"), ("port-add", "net", "c"),
                     ("net-add", "net2"), ("set", "Port", "a",
                                           "description=x"),
                     ("create", "Host", "host=hv8"), ("port-del", "a"),
                     ("port-list",)):
            assert nb.complain("--timeout=5", "--wait=hv", *args) == ""


@tap.case("a port is waited for, and the late hypervisor is named")
def port_late():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        nb.agent("hv1").bind_port(a, net, 1, up=True)
        nb.agent("hv2").bind_port(a, net, 2, up=True)
        stderr = late(nb, "port-disable", "a")
        assert "change is committed" in stderr
        assert ('hypervisor hv1 has not applied port "a": revision 2 wanted, '
                '1 applied') in stderr, stderr
        assert "hv2" not in stderr
        assert nb.get("Port", "a", "admin_state_up") == "false"


@tap.case("a wait ends when the last hypervisor has applied it")
def port_applied():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        hv1, hv2 = nb.agent("hv1"), nb.agent("hv2")
        for hv in (hv1, hv2):
            hv.bind_port(a, net, 1, up=True)
        wiretap = nb.tap()
        started = nb.start_ctl("--timeout=20", "--wait=hv", "port-disable",
                               "a", db=wiretap.db)
        # Both locks are asked for and refused: it knows whom it waits for.
        wait_until(lambda: wiretap.received.count(b'{"locked":false}') == 2)
        hv1.bind_port(a, net, 2, up=True)
        assert started.poll() is None
        hv2.bind_port(a, net, 1, up=False)
        assert started.poll() is None
        hv2.bind_port(a, net, 2, up=True)
        assert finish(started) == ""


class Applier:
    """Applies each revision of port `port` as an agent would: told of it by a
    monitor, it writes its binding at once."""

    def __init__(self, nb, host, port, network):
        self.agent = nb.agent(host)
        self.watch = nb.agent(host + "-watch", lock=False).client
        self.agent.bind_port(port, network, 1, up=True)
        self.watch.request("monitor", ["Sluice_Northbound", None, {
            "Port": {"columns": ["revision_number"]}}])
        threading.Thread(target=self._run, args=(port, network),
                         daemon=True).start()

    def _run(self, port, network):
        while True:
            try:
                message = self.watch.receive()
            except Exception:   # The end of the case closes it.
                return
            for row in message["params"][1]["Port"].values():
                self.agent.bind_port(port, network,
                                     row["new"]["revision_number"], up=True)


@tap.case("with prompt hypervisors every wait ends after they applied it")
def prompt():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        Applier(nb, "hv1", a, net)
        Applier(nb, "hv2", a, net)
        for i in range(30):
            nb.ctl("--timeout=20", "--wait=hv", "port-disable" if i % 2 == 0
                   else "port-enable", "a")
            for row in nb.rows("Port_Binding"):
                assert row["revision_number"] == i + 2, (i, row)


@tap.case("an unchanged object is waited for at the revision it has")
def unchanged():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        hv1 = nb.agent("hv1")
        hv1.bind_port(a, net, 1, up=True)
        late(nb, "port-disable", "a")
        for args in (("port-disable", "a"),
                     ("set", "Port", "a", "admin_state_up=false")):
            assert "revision 2 wanted, 1 applied" in late(nb, *args)
        hv1.bind_port(a, net, 2, up=True)
        assert nb.complain("--timeout=5", "--wait=hv", "port-disable",
                           "a") == ""


@tap.case("networks and hypervisors are waited for likewise")
def other_kinds():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        nb.ctl("host-enable", "hv1")
        hv1 = nb.agent("hv1")
        hv1.bind_network(net, 1)
        hv1.bind_port(a, net, 1, up=True)
        hv1.apply_host(1)
        assert 'network "net": revision 2 wanted, 1 applied' in late(
            nb, "net-disable", "net")
        hv1.bind_network(net, 2)
        nb.ctl("--timeout=5", "--wait=hv", "net-disable", "net")
        assert 'host "hv1": revision 2 wanted, 1 applied' in late(
            nb, "host-disable", "hv1")
        hv1.apply_host(2)
        nb.ctl("--timeout=5", "--wait=hv", "host-disable", "hv1")
        stderr = late(nb, "set", "Network", "net", "mtu=9000", "--",
                      "port-disable", "a", "--", "set", "Host", "hv1",
                      "description=x", "--", "port-disable", "b")
        assert len(stderr.splitlines()) == 4, stderr
        nb.ctl("--timeout=5", "--no-wait", "net-enable", "net")
        nb.ctl("--timeout=5", "--wait=none", "net-disable", "net")


@tap.case("a deletion is waited for until the bindings are gone")
def deletion():
    with NbServer() as nb:
        net, a, b = fill(nb)
        hv1 = nb.agent("hv1")
        hv1.bind_network(net, 1)
        hv1.bind_port(a, net, 1, up=True)
        stderr = late(nb, "port-del", "a")
        assert 'hypervisor hv1 still has port "a", which is deleted' in stderr
        hv1.bind_port(b, net, 1, up=True)
        wiretap = nb.tap()
        started = nb.start_ctl("--timeout=20", "--wait=hv", "destroy", "Port",
                               "b", "--", "net-del", "net", db=wiretap.db)
        wait_until(lambda: b'{"locked":false}' in wiretap.received)
        hv1.unbind("Port_Binding")
        assert started.poll() is None
        hv1.unbind("Network_Binding")
        assert finish(started) == ""


@tap.case("a binding that disappears is not waited for any longer")
def unplugged():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        hv1 = nb.agent("hv1")
        hv1.bind_port(a, net, 1, up=True)
        wiretap = nb.tap()
        started = nb.start_ctl("--timeout=20", "--wait=hv", "port-disable",
                               "a", db=wiretap.db)
        wait_until(lambda: b'{"locked":false}' in wiretap.received)
        assert started.poll() is None
        hv1.unbind("Port_Binding")
        assert finish(started) == ""


@tap.case("a fault at the revision wanted fails, without waiting further")
def fault():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        nb.agent("hv1").bind_port(a, net, 2, fault="bad MAC address")
        nb.agent("hv2").bind_port(a, net, 2, up=True)
        started = nb.start_ctl("--wait=hv", "port-disable", "a")
        stderr = finish(started, NOT_APPLIED)
        assert "timeout" not in stderr and "hv2" not in stderr
        assert ("hv1 has not applied port \"a\": revision 2 wanted, 2 applied,"
                " fault: bad MAC address") in stderr


@tap.case("a fault of a network is said, and is no failure")
def network_fault():
    with NbServer() as nb:
        net, _, _ = fill(nb)
        nb.agent("hv1").bind_network(net, 2, fault="hv2 cannot be reached")
        stderr = finish(nb.start_ctl("--wait=hv", "net-disable", "net"))
        assert stderr.count('hypervisor hv1 has applied network "net", which '
                            'has a fault there: hv2 cannot be reached') == 1


@tap.case("a fault at an earlier revision is waited for to go")
def old_fault():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        hv1 = nb.agent("hv1")
        hv1.bind_port(a, net, 1, fault="bad MAC address")
        assert "1 applied, fault: bad MAC address" in late(nb, "port-disable",
                                                           "a")
        started = nb.start_ctl("--timeout=20", "--wait=hv", "port-enable",
                               "a")
        await_revision(nb, "Port", "a", 3)
        hv1.bind_port(a, net, 3, fault="", up=True)
        assert finish(started) == ""


@tap.case("a hypervisor that is down is not waited for")
def down():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        hv1 = nb.agent("hv1")
        hv1.bind_port(a, net, 1, up=True)
        hv1.bind_network(net, 1)
        hv2 = nb.agent("hv2")
        hv2.bind_port(a, net, 2, up=True)
        hv1.close()
        note = ["sluice-nbctl: hypervisor hv1 is down, not waited for"]
        assert nb.complain("--timeout=20", "--wait=hv", "port-disable",
                           "a").splitlines() == note
        hv2.unbind("Port_Binding")
        assert nb.complain("--timeout=20", "--wait=hv", "port-del", "a", "--",
                           "net-disable", "net", "--", "host-disable",
                           "hv1").splitlines() == note


@tap.case("a hypervisor that goes down during the wait ends it")
def dies():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        hv1 = nb.agent("hv1")
        hv1.bind_port(a, net, 1, up=True)
        wiretap = nb.tap()
        started = nb.start_ctl("--timeout=20", "--wait=hv", "port-disable",
                               "a", db=wiretap.db)
        wait_until(lambda: b'{"locked":false}' in wiretap.received)
        assert started.poll() is None
        hv1.close()
        assert "hypervisor hv1 is down, not waited for" in finish(started)
        assert b'"method":"locked"' in wiretap.received


@tap.case("the lock is given back, for the agent that comes next")
def lock_back():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        hv1 = nb.agent("hv1")
        hv1.bind_port(a, net, 1, up=True)
        hv1.close()
        late_one = nb.agent("hv2")
        late_one.bind_port(a, net, 1, up=True)
        started = nb.start_ctl("--timeout=20", "--wait=hv", "port-disable",
                               "a")
        wait_until(lambda: nb.revision("Port", "a") == 2)
        client = nb.client()
        nb.clients.append(client)
        # Granted at once or when sluice-nbctl, which still runs, unlocks it.
        if not client.request("lock", [lock_name("hv1")])["locked"]:
            while client.receive().get("method") != "locked":
                pass
        assert started.poll() is None
        late_one.bind_port(a, net, 2, up=True)
        finish(started)


@tap.case("names of hypervisors may hold anything")
def odd_names():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        names = ["hv-1.example.org", "hv_1", "\u00fc b", "HV1"]
        for name in names:
            nb.agent(name).bind_port(a, net, 1, up=True)
        stderr = late(nb, "port-disable", "a")
        for name in names:
            assert "hypervisor %s has not applied" % name in stderr, stderr
        assert "down" not in stderr


@tap.case("in a cluster heartbeats tell who is down")
def cluster():
    with NbServer(clustered=True) as nb:
        net, a, _ = fill(nb)
        now = int(time.time() * 1000)
        fresh = nb.agent("fresh", lock=False, heartbeat=now)
        for agent in (fresh,
                      nb.agent("stale", lock=False, heartbeat=now - 181000),
                      nb.agent("never", lock=False)):
            agent.bind_port(a, net, 1, up=True)
        stderr = late(nb, "port-disable", "a")
        assert "hypervisor fresh has not applied" in stderr
        for name in ("stale", "never"):
            assert "hypervisor %s is down, not waited for" % name in stderr
        fresh.bind_port(a, net, 2, up=True)
        nb.ctl("--timeout=10", "--wait=hv", "port-disable", "a")
        alive = {r["host"]: r["alive"] for r in agents(nb)}
        assert alive == {"fresh": True, "stale": False, "never": False}


@tap.case("with several remotes, too, since agents may be at another")
def several_remotes():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        now = int(time.time() * 1000)
        nb.agent("fresh", lock=False, heartbeat=now).bind_port(a, net, 1)
        nb.agent("locked", heartbeat=now - 181000).bind_port(a, net, 1)
        stderr = nb.fail("--db=%s,%s" % (nb.unix, nb.unix), "--timeout=1",
                         "--wait=hv", "port-disable", "a",
                         status=NOT_APPLIED)
        assert "hypervisor fresh has not applied" in stderr
        assert "hypervisor locked is down, not waited for" in stderr


@tap.case("in a cluster a hypervisor dies when its heartbeat gets old")
def cluster_dies():
    with NbServer(clustered=True) as nb:
        net, a, _ = fill(nb)
        beat = int(time.time() * 1000) - 180000 + 1500
        nb.agent("hv1", lock=False, heartbeat=beat).bind_port(a, net, 1)
        stderr = nb.complain("--timeout=20", "--wait=hv", "port-disable", "a")
        assert "hypervisor hv1 is down, not waited for" in stderr


@tap.case("a server restarted during the wait does not end it", timeout=90)
def server_restart():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        hv1 = nb.agent("hv1")
        hv1.bind_port(a, net, 1, up=True)
        wiretap = nb.tap()
        started = nb.start_ctl("--timeout=60", "--wait=hv", "port-disable",
                               "a", db=wiretap.db)
        wait_until(lambda: b'{"locked":false}' in wiretap.received)
        nb.daemon.kill9()
        nb.daemon.start()
        # The agent is back later than sluice-nbctl, which gives it time.
        wait_until(lambda: wiretap.sent.count(b'"model"') == 2)
        client = nb.client()
        nb.clients.append(client)
        assert client.request("lock", [lock_name("hv1")]) == {"locked": True}
        assert started.poll() is None
        client.transact({"op": "update", "table": "Port_Binding", "where": [],
                         "row": {"revision_number": 2}})
        assert finish(started) == ""


def agents(nb):
    parsed = json.loads(nb.ctl("-f", "json", "agent-list"))
    return [dict(zip(parsed["headings"], row)) for row in parsed["data"]]


@tap.case("agent-list shows who is there and what is wanted of them")
def agent_list():
    with NbServer() as nb:
        fill(nb)
        hv1 = nb.agent("hv1")
        nb.agent("hv2", heartbeat=1700000000000)
        nb.ctl("host-disable", "hv1", "--", "host-enable", "hv3")
        hv1.apply_host(1)
        assert [(r["host"], r["alive"], r["admin_state_up"],
                 r["revision_number"], r["applied"], r["version"],
                 r["heartbeat"]) for r in agents(nb)] == [
            ("hv1", True, False, 1, 1, "test", ""),
            ("hv2", True, True, 0, 0, "test", "2023-11-14T22:13:20Z"),
            ("hv3", False, True, 1, 0, "", "")]
        hv1.close()
        wait_until(lambda: not agents(nb)[0]["alive"])


def port_show(nb, port):
    parsed = json.loads(nb.ctl("-f", "json", "port-show", port))
    return {row[parsed["headings"].index("host")]:
            dict(zip(parsed["headings"], row)) for row in parsed["data"]}


@tap.case("port-show derives where a port carries traffic, and why not")
def shown():
    with NbServer() as nb:
        net, a, _ = fill(nb)
        assert "plugged into no hypervisor" in nb.ctl("port-show", "a")
        assert port_show(nb, "a") == {}
        hv1 = nb.agent("hv1")

        def state(*args):
            if args:
                nb.ctl(*args)
            row = port_show(nb, "a")["hv1"]
            assert row["carries_traffic"] == (row["reason"] == "")
            assert (("carries traffic: yes" in nb.ctl("port-show", a))
                    == row["carries_traffic"])
            return row["reason"]

        hv1.bind_port(a, net, 1)
        assert "network: revision 1 is not applied yet (0 is)" in state()
        hv1.bind_network(net, 1)
        assert "not up there" in state()
        hv1.bind_port(a, net, 1, up=True)
        assert state() == ""
        assert "port: revision 2 is not applied yet (1 is)" in state(
            "port-disable", "a")
        hv1.bind_port(a, net, 2, up=True)
        assert state() == "the port is disabled"
        nb.ctl("port-enable", "a")
        hv1.bind_port(a, net, 3, up=True)
        assert state() == ""
        assert "network: revision 2" in state("net-disable", "net")
        hv1.bind_network(net, 2)
        assert state() == "the network is disabled"
        nb.ctl("net-enable", "net")
        hv1.bind_network(net, 3)
        assert "hypervisor: revision 1" in state("host-disable", "hv1")
        hv1.apply_host(1)
        assert state() == "the hypervisor is disabled"
        nb.ctl("host-enable", "hv1")
        hv1.apply_host(2)
        assert state() == ""
        # Here it does; what is wrong is the way to others.
        hv1.bind_network(net, 3, fault="no such bridge")
        assert state() == ""
        assert "network's fault: no such bridge" in nb.ctl("port-show", "a")
        nb.agent("hv2").locate_port(a, net, 2)
        hv1.locate_port(a, net, 1)
        hv1.bind_port(a, net, 3, up=False)
        assert state() == "standby: the port is at hv2"
        hv1.bind_port(a, net, 3, up=False, fault="bad MAC address")
        assert state() == "bad MAC address"


@tap.case("port-show tells hypervisors apart")
def shown_each():
    with NbServer() as nb:
        net, a, b = fill(nb)
        hv1, hv2 = nb.agent("hv1"), nb.agent("hv2")
        for hv in (hv1, hv2):
            hv.bind_network(net, 1)
            hv.bind_port(a, net, 1, up=True)
        hv2.bind_port(b, net, 1, up=True)
        nb.ctl("port-disable", "a", "--", "host-disable", "hv2")
        hv1.bind_port(a, net, 2, up=True)
        hv2.close()
        wait_until(lambda: not port_show(nb, "a")["hv2"]["alive"])
        rows = port_show(nb, "a")
        assert rows["hv1"]["reason"] == "the port is disabled"
        assert rows["hv1"]["alive"] and rows["hv1"]["host_admin_state_up"]
        assert (rows["hv2"]["port_revision"], rows["hv2"]["port_applied"],
                rows["hv2"]["host_admin_state_up"]) == (2, 1, False)
        assert set(port_show(nb, "b")) == {"hv2"}
        text = nb.ctl("port-show", "a")
        assert "agent: not connected" in text and "when last heard" in text


tap.main(tools=("ovsdb-server", "ovsdb-tool"))
