#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A notifier beside real agents: what it says of hypervisors and of ports on
them, what it remembers of changes whoever made them, what it tells of itself,
and what it refuses to start with."""

import contextlib
import json
import os
import time
import uuid

from lab import CommandError, Lab, paths, process, tap, wait_until

DISABLED = 0                    # Pings answered.


@contextlib.contextmanager
def one_hypervisor():
    with Lab() as lab:
        hv = lab.add_hypervisor("hv1")
        notifier = lab.add_notifier()
        with notifier.client() as api:
            yield lab, hv, notifier, api


def network(api, name="blue"):
    """Creates a network with a subnet; returns its id."""
    net = api.create("network", name=name)["id"]
    api.create("subnet", network_id=net, cidr="10.0.0.0/24", ip_version=4)
    return net


def plug(hv, port, name):
    """Plugs a VM for a port that the API created."""
    return hv.add_vif(port["id"], name="vif-" + name, mac=port["mac_address"],
                      ip=port["fixed_ips"][0]["ip_address"] + "/24")


def agent_of(api, host):
    return next(a for a in api.list("agent") if a["host"] == host)


@tap.case("a hypervisor is shown, alive, and can be taken out of service",
          timeout=60)
def hypervisor():
    with one_hypervisor() as (lab, hv, _, api):
        net = network(api)
        ports = [api.create("port", network_id=net, name=n) for n in "ab"]
        a, b = (plug(hv, p, p["name"]) for p in ports)
        wait_until(lambda: all(p["status"] == "ACTIVE"
                               for p in api.list("port")),
                   what="ports to be ACTIVE")
        assert a.ping(b) == 3

        agent = agent_of(api, "hv1")
        assert agent["alive"] and agent["admin_state_up"], agent
        assert agent["binary"] == "sluice-agent", agent
        assert net in str(agent["configurations"]) or agent["configurations"]
        path = "/v2.0/agents/%s?wait=applied" % agent["id"]
        reply = api.put(path, {"agent": {"admin_state_up": False}})
        assert reply.status == 200, reply
        assert a.ping(b, count=1, timeout=0.3) == DISABLED
        assert not agent_of(api, "hv1")["admin_state_up"]
        assert lab.nb.rows("Host", ["host", "admin_state_up"]) == [
            {"host": "hv1", "admin_state_up": False}]

        reply = api.put(path, {"agent": {"admin_state_up": True}})
        assert reply.status == 200, reply
        assert a.ping(b) == 3


@tap.case("a port's status and binding are state, not events", timeout=60)
def port_status():
    with one_hypervisor() as (lab, hv, _, api):
        net = network(api)
        port = api.create("port", {"binding:host_id": "hv1"}, network_id=net)
        assert port["binding:vif_type"] == "ovs", port
        assert port["status"] == "DOWN", port

        def becomes(**expected):
            def so():
                shown = api.show("port", port["id"])
                return all(shown[k.replace("__", ":")] == v
                           for k, v in expected.items())
            wait_until(so, what="the port to have %s" % expected)

        vm = plug(hv, port, "a")
        becomes(status="ACTIVE")
        hv.del_vif(vm)
        becomes(status="DOWN")
        vm = plug(hv, port, "a2")
        becomes(status="ACTIVE")
        api.update("port", port["id"], admin_state_up=False)
        becomes(status="DOWN")
        api.update("port", port["id"], admin_state_up=True)
        becomes(status="ACTIVE")

        # A host that nobody speaks for, and then somebody does.
        api.update("port", port["id"], {"binding:host_id": "hv2"})
        becomes(binding__vif_type="binding_failed")
        lab.add_hypervisor("hv2")
        becomes(binding__vif_type="ovs")
        api.update("port", port["id"], {"binding:host_id": ""})
        becomes(binding__vif_type="unbound")


def history(api, **query):
    reply = api.get("/v2.0/history?" + "&".join(
        "%s=%s" % q for q in query.items()))
    assert reply.status == 200, reply
    return reply.json["history"]


@tap.case("history tells what happened to a port, whoever did it, and where "
          "it was live", timeout=60)
def who_did_it():
    with one_hypervisor() as (lab, hv, notifier, api):
        net = network(api)
        port = api.create("port", network_id=net, name="a")
        plug(hv, port, "a")
        wait_until(lambda: api.show("port", port["id"])["status"] == "ACTIVE",
                   what="the port to be ACTIVE")
        query = {"resource": "port", "id": port["id"]}

        api.update("port", port["id"], description="x")
        lab.nb.ctl("--wait=hv", "port-disable", "a")
        lab.nb.transact({"op": "update", "table": "Port", "where": [],
                         "row": {"name": "b"}})
        wait_until(lambda: api.show("port", port["id"])["name"] == "b",
                   what="the direct write")
        rows = history(api, **query)
        by_change = {key: row for row in reversed(rows)
                     for key in row["changes"]}

        assert by_change["description"]["by"].startswith("api"), rows
        disabled = by_change["admin_state_up"]
        assert disabled["changes"]["admin_state_up"] == [True, False], rows
        assert disabled["by"].startswith("nbctl:"), rows
        wait_until(lambda: [a["host"] for row in history(api, **query)
                            if "admin_state_up" in row["changes"]
                            for a in row["applied"]] == ["hv1"],
                   what="when it was live")
        assert by_change["name"]["by"] == "", rows
        assert rows[-1]["verb"] == "created", rows
        assert not any(row["recovered"] for row in rows), rows

        # What was done while nobody looked is found, and said to be.
        notifier.stop()
        api.close()
        lab.nb.ctl("port-enable", port["id"])
        notifier.start()
        last = history(api, **query)[0]
        assert last["recovered"], last
        assert last["changes"]["admin_state_up"] == [False, True], last

        notifier.stop()
        api.close()
        lab.nb.ctl("port-del", port["id"])
        notifier.start()
        last = history(api, **query)[0]
        assert last["verb"] == "deleted" and last["recovered"], last
        assert "nbctl:" in last["by"], last
        assert len(history(api, **query)) == len(rows) + 2


@tap.case("a hypervisor's listener learns of a port that left while the "
          "notifier was down")
def moved_unseen():
    with Lab() as lab:
        notifier = lab.add_notifier()
        with notifier.client() as api:
            port = api.create("port", {"binding:host_id": "hv1"},
                              network_id=network(api))["id"]
            with notifier.events(host="hv1", last_event_id="0") as events:
                events.wait(lambda es: es and es[-1].event == "synced")
                last = events.last_id
        notifier.kill9()
        lab.nb.ctl("set", "Port", port, "host=hv2")
        notifier.start()
        with notifier.events(host="hv1", last_event_id=last) as events:
            event = events.wait_for(1)[0]
            assert event.event == "updated", event
            assert event.data["port"]["binding:host_id"] == "hv2", event


@tap.case("what a hypervisor left behind is collected", timeout=60)
def collected():
    with Lab() as lab:
        hv = lab.add_hypervisor("hv1")
        lab.nb.ctl("net-add", "blue")
        vm = hv.add_port("blue", "a")
        gone = ["uuid", str(uuid.uuid4())]
        here = {"port": ["uuid", vm.port],
                "network": ["uuid", lab.nb.uuid("Network", "blue")]}
        tables = {"Port_Binding": ("port", "network"),
                  "Network_Binding": ("network",),
                  "Port_Location": ("port", "network"),
                  "Network_Location": ("network",)}
        # Of what is gone, by a host that is gone and one that is alive; and
        # of what is there.
        lab.nb.transact({"op": "insert", "table": "Agent", "row": {
            "host": "hv7", "heartbeat": int(time.time() * 1000)}})
        for host, about in (("hv9", gone), ("hv7", gone), ("hv8", None)):
            lab.nb.transact(*(
                {"op": "insert", "table": table, "row": dict(
                    {c: about or here[c] for c in key}, host=host)}
                for table, key in tables.items()))
        lab.add_notifier()
        wait_until(lambda: not any(
            lab.nb.rows(table, ["host"], [["host", "==", "hv9"]])
            for table in tables), what="the garbage to be collected")
        for table in tables:
            for host in ("hv7", "hv8"):
                assert lab.nb.rows(table, where=[["host", "==", host]]), table


@tap.case("where ports and networks are is nobody's history")
def locations():
    with one_hypervisor() as (lab, _, notifier, api):
        net = network(api)
        port = api.create("port", network_id=net, name="a")
        about = [dict(resource="network", id=net),
                 dict(resource="port", id=port["id"])]
        before = [len(history(api, **query)) for query in about]
        with notifier.events(resource=["network", "port"]) as events:
            for claim in (1, 2):
                lab.nb.transact(
                    {"op": "insert", "table": "Port_Location", "row": {
                        "port": ["uuid", port["id"]], "claim": claim,
                        "network": ["uuid", net], "host": "hv%d" % claim}},
                    {"op": "insert", "table": "Network_Location", "row": {
                        "network": ["uuid", net], "host": "hv%d" % claim}})
            lab.nb.transact({"op": "delete", "table": "Port_Location",
                             "where": []})
            lab.nb.ctl("set", "Port", port["id"], "description=after")
            event = events.wait_for(1)[0]
            assert event.data["port"]["description"] == "after", event
        assert [len(history(api, **query)) for query in about] == [
            before[0], before[1] + 1]


@tap.case("status, client/list and journal/show answer")
def appctl():
    with one_hypervisor() as (_, _, notifier, api):
        net = api.create("network", name="blue")["id"]
        with notifier.events(resource="network", id=net):
            clients = notifier.appctl("client/list")
            assert "resource=network" in clients and net in clients, clients
            status = notifier.appctl("status")
            for word in ("state: current", "Network: 1 rows",
                         "agents: 1, 1 alive", "events: 1 streams",
                         "journal commit"):
                assert word in status, status
        journal = notifier.appctl("journal/show")
        assert "created network %s (blue)" % net in journal, journal
        assert len(notifier.appctl("journal/show", "1").splitlines()) == 1
        try:
            notifier.appctl("journal/show", "x")
        except CommandError as e:
            assert "not a number" in e.stderr, e
        else:
            raise AssertionError("journal/show x was answered")
        metrics = api.get("/metrics").body.decode()
        for name in ("sluice_agents_alive 1",
                     "sluice_commit_to_applied_seconds_count"):
            assert name in metrics, metrics


@tap.case("a database with a schema that is too old is said to be, and is "
          "served once it is converted", timeout=60)
def old_schema():
    with Lab() as lab:
        with open(paths.NB_SCHEMA) as f:
            schema = f.read()
        lab.nb.convert(json.loads(schema.replace('"updated_by"',
                                                 '"updated_by_nobody"')))
        lab.nb.stop()
        lab.nb.start()
        notifier = lab.add_notifier(start=False)
        notifier.start(ready=False)
        with notifier.client() as api:
            wait_until(lambda: b"Port:updated_by" in api.get("/readyz").body,
                       what="/readyz to say what is missing")
            assert api.get("/readyz").status == 503
            assert api.get("/v2.0/networks").status == 503
            assert "ovsdb-client convert" in notifier.appctl("status")
            lab.nb.convert(json.loads(schema))
            # Until then it tells the schema that it was started with.
            lab.nb.stop()
            lab.nb.start()
            notifier.wait_ready()
            api.create("network", name="blue")


def start_fails(lab, *options):
    """Starts a notifier that must not start; returns what it says."""
    argv = [os.path.join(paths.BUILDDIR, "notifier/sluice-notifier"),
            "--nb=" + lab.nb.unix, "--unixctl=" + lab.dir + "/x.ctl",
            "--journal=" + lab.dir + "/x.db", *options]
    with_status = lab.mgmt.popen(*argv, stderr=process.subprocess.PIPE,
                                 stdout=process.subprocess.DEVNULL)
    _, said = with_status.communicate(timeout=10)
    assert with_status.returncode == 1, (argv, with_status.returncode, said)
    return said


@tap.case("a database that gets a newer schema is served on", timeout=60)
def new_schema():
    with Lab() as lab:
        with open(paths.NB_SCHEMA) as f:
            schema = json.load(f)
        schema["version"] = "1.99.0"
        schema["tables"]["Port"]["columns"]["colour"] = {"type": "string"}
        notifier = lab.add_notifier()
        with notifier.client() as api, notifier.events() as events:
            net = api.create("network", name="blue")["id"]
            port = api.create("port", network_id=net)["id"]
            for step in ("converted", "restarted"):
                if step == "converted":
                    lab.nb.convert(schema)
                else:
                    lab.nb.stop()
                    lab.nb.start()
                lab.nb.transact({"op": "update", "table": "Port",
                                 "where": [], "row": {"colour": "red",
                                                      "name": step}})
                wait_until(lambda: api.show("port", port)["name"] == step,
                           what="what was written after it was " + step)
                notifier.wait_ready()
            got = [e.event for e in events.wait_for(4)]
            assert got == ["created", "created", "updated", "updated"], got


@tap.case("what makes no sense is refused at the start, by name")
def refused_options():
    with Lab() as lab:
        notifier = lab.add_notifier()
        for options, words in (
                (["--http=0.0.0.0:9700"], ["0.0.0.0:9700", "--auth"]),
                (["--http=[::]:9700"], ["[::]:9700", "--auth"]),
                (["--http=nonsense"], ["nonsense"]),
                (["--http=127.0.0.1:70000"], ["70000"]),
                (["--http=127.0.0.1:%d" % notifier.port],
                 [str(notifier.port)]),
                (["--auth=password"], ["password"]),
                (["--auth=tokens:/nonexistent"], ["/nonexistent"]),
                (["--certificate=/x.pem"], ["--private-key"]),
                (["--journal=/proc/x.db"], ["/proc/x.db"]),
                (["--journal=" + notifier.journal], [notifier.journal]),
                (["--journal-max-age=0"], ["--journal-max-age=0"]),
                (["word"], ["word"])):
            said = start_fails(lab, *options)
            for word in words:
                assert word in said, (options, said)


tap.main()
