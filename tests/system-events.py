#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""GET /events: who is told of what, and in what words."""

from lab import Lab, tap
from lab.hub import Hub

TOKENS = ["sha256:%s %s %s %s" % fields for fields in [
    # SHA-256 of "a", "r", "b" and "x".
    ("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
     "-", "admin", "root"),
    ("454349e422f05297191ead13e21d3db520e5abef52055e4964b82fb213f593a1",
     "red", "member", "red"),
    ("3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
     "blue", "member", "blue"),
    ("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
     "blue", "reader", "look"),
]]


def told(stream, count=None):
    """What came, as (verb, kind, name); the first `count` events."""
    events = stream.events if count is None else stream.wait_for(count)
    return [(e.event,) + next((kind, o["name"]) for kind, o in e.data.items()
                              if kind != "applied")
            for e in events if e.id or e.event == "updated"]


def get_raw(notifier, kind, id):
    with notifier.client() as client:
        return client.get("/v2.0/%ss/%s" % (kind, id)).body.decode()


@tap.case("each verb, with the data that GET answers")
def verbs():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        with notifier.events() as stream, notifier.client() as api:
            assert stream.response.headers["Content-Type"] == \
                "text/event-stream"
            net = api.create("network", name="n")["id"]
            event = stream.next()
            assert event.event == "created", event
            assert event.raw == get_raw(notifier, "network", net)

            port = api.create("port", name="p", network_id=net)["id"]
            event = stream.next()
            assert event.event == "created", event
            assert event.raw == get_raw(notifier, "port", port)

            api.update("port", port, name="q")
            event = stream.next()
            assert event.event == "updated", event
            last = get_raw(notifier, "port", port)
            assert event.raw == last, (event.raw, last)

            api.remove("port", port)
            event = stream.next()
            assert event.event == "deleted" and event.raw == last, event

            ids = [int(e.id.split("-")[1]) for e in stream.events]
            assert ids == sorted(set(ids)), ids
            assert 1000 <= stream.retry <= 5000, stream.retry


@tap.case("what a hypervisor has made live is an event")
def applied():
    with Lab() as lab:
        hv = lab.add_hypervisor("hv1")
        notifier = lab.add_notifier()
        with notifier.events(verb="applied", resource="port",
                             host="hv1") as stream, notifier.client() as api:
            net = api.create("network", name="n")["id"]
            port = api.create("port", {"binding:host_id": "hv1"}, name="p",
                              network_id=net)
            hv.add_vif(port["id"], name="p", mac=port["mac_address"])
            event = stream.next()
            assert event.event == "applied", event
            assert event.data["port"]["id"] == port["id"], event
            assert event.data["applied"]["host"] == "hv1", event
            port = api.update("port", port["id"], admin_state_up=False)
            stream.wait(lambda events: events[-1].data["applied"] == {
                "host": "hv1", "revision_number": port["revision_number"]})
            assert {e.event for e in stream.events} == {"applied"}


@tap.case("each filter passes its own and nothing else")
def filters():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        with notifier.client() as api:
            net = [api.create("network", name="n%d" % i, project_id=project)
                   for i, project in enumerate(["red", "blue"])]
            topics = {
                "resource": dict(resource="subnet"),
                "network": dict(network_id=net[0]["id"]),
                "host": dict(host=["hv1", "hv3"]),
                "project": dict(project_id="blue"),
                "verb": dict(verb=["deleted", "created"]),
                "both": dict(resource="port", verb="updated", host="hv2"),
                "all": {},
            }
            streams = {name: notifier.events(**topic)
                       for name, topic in topics.items()}
            sub = api.create("subnet", name="s", network_id=net[0]["id"],
                             project_id="red", cidr="10.0.0.0/24",
                             ip_version=4)
            streams["id"] = notifier.events(id=[sub["id"], net[1]["id"]])
            port = api.create("port", {"binding:host_id": "hv1"}, name="p",
                              network_id=net[0]["id"], project_id="red")
            api.update("port", port["id"], {"binding:host_id": "hv2"})
            api.update("port", port["id"], {"binding:host_id": "hv3"})
            api.update("network", net[0]["id"], name="m0")
            api.update("network", net[1]["id"], name="m1")
            api.remove("port", port["id"])
            api.update("subnet", sub["id"], name="t")
            api.remove("network", net[1]["id"])
        try:
            check_filters(streams)
        finally:
            for stream in streams.values():
                stream.close()


def check_filters(streams):
    # The last change is told to this one.
    streams["all"].wait(lambda events: events[-1:] and (
        events[-1].event == "deleted" and "network" in events[-1].data))
    p = [(verb, "port", "p") for verb in (
        "created", "updated", "updated", "deleted")]
    # A network shows its subnets.
    s = [("updated", "network", "n0"), ("created", "subnet", "s")]
    expected = {
        "resource": [("created", "subnet", "s"), ("updated", "subnet", "t")],
        "network": s + p[:3] + [
            ("updated", "network", "m0"), p[3], ("updated", "subnet", "t")],
        "host": p,
        "project": [("updated", "network", "m1"),
                    ("deleted", "network", "m1")],
        "verb": [("created", "subnet", "s"), p[0], p[3],
                 ("deleted", "network", "m1")],
        "both": [p[1], p[2]],
        "all": s + p[:3] + [
            ("updated", "network", "m0"), ("updated", "network", "m1"), p[3],
            ("updated", "subnet", "t"), ("deleted", "network", "m1")],
        "id": [("updated", "network", "m1"), ("updated", "subnet", "t"),
               ("deleted", "network", "m1")],
    }
    for name, stream in streams.items():
        assert told(stream, len(expected[name])) == expected[name], (
            name, told(stream))


@tap.case("what makes no sense is refused in words")
def refused():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        with notifier.client() as api:
            for query, word in [("colour=red", "colour"),
                                ("resource=router", "router"),
                                ("verb=changed", "changed"),
                                ("id=p", "UUID"), ("host=", "host"),
                                ("&".join(["host=h%d" % i
                                           for i in range(1001)]), "1001")]:
                reply = api.get("/events?" + query)
                assert reply.status == 400, (query, reply)
                assert word in reply.message, reply
            assert api.post("/events", {}).status == 405


def counts(notifier):
    """Streams compared with an event, and found to be concerned, so far."""
    for line in notifier.appctl("status").splitlines():
        words = line.replace(",", "").split()
        if words[:1] == ["compared:"]:
            return int(words[1]), int(words[3])
    raise AssertionError("no counts")


@tap.case("of 1,000 streams the one concerned costs anything", timeout=120)
def thousand():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        hub = Hub(notifier)
        with notifier.client() as api, hub:
            net = api.create("network", name="n")["id"]
            ports = [p["id"] for i in range(10) for p in api.bulk("port", [
                {"network_id": net} for _ in range(100)])]
            streams = {id: hub.open("/events?id=" + id) for id in ports}
            for stream in streams.values():
                stream.wait_reply()
            before = counts(notifier)
            api.update("port", ports[500], name="x")
            event, = streams[ports[500]].wait_for(1)
            assert event.data["port"]["name"] == "x", event
            after = counts(notifier)
            assert [a - b for a, b in zip(after, before)] == [1, 1]
            # Nobody else has got anything, for each gets its own next.
            for id in ports:
                api.update("port", id, name="y")
            for id, stream in streams.items():
                events = stream.wait_for(1 + (id == ports[500]))
                assert [e.data["port"]["id"] for e in events] == [id] * len(
                    events)


@tap.case("members and readers are told of their own and of what is shared")
def members():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier(tokens=TOKENS)
        notifier.token = "a"
        with notifier.client() as api, notifier.events() as root, \
                notifier.events(token="r") as red, \
                notifier.events(token="b") as blue, \
                notifier.events(token="x") as reader:
            nets = {}
            for project in ("red", "blue"):
                nets[project] = api.create("network", name=project,
                                           project_id=project)["id"]
                api.create("port", name="port-" + project, project_id=project,
                           network_id=nets[project])
            common = api.create("network", name="common", project_id="red",
                                shared=True)["id"]
            api.create("subnet", name="common-subnet", network_id=common,
                       project_id="red", cidr="10.9.0.0/24", ip_version=4)
            api.create("port", name="port-common", network_id=common,
                       project_id="red")
            api.update("network", common, shared=False)
            api.update("network", common, name="hidden")
            api.update("network", nets["red"], name="end")
            api.update("network", nets["blue"], name="end")

            def end(events):
                return events[-1:] and events[-1].data.get(
                    "network", {}).get("name") == "end"

            for stream in (root, red, blue, reader):
                stream.wait(end)
            # A network shows its subnets.
            shared = [("created", "network", "common"),
                      ("updated", "network", "common"),
                      ("created", "subnet", "common-subnet")]
            unshared = [("updated", "network", "common")]
            for stream in (blue, reader):
                assert told(stream) == [
                    ("created", "network", "blue"),
                    ("created", "port", "port-blue")] + shared + unshared + [
                    ("updated", "network", "end")], told(stream)
            assert told(red) == [
                ("created", "network", "red"),
                ("created", "port", "port-red")] + shared + [
                ("created", "port", "port-common")] + unshared + [
                ("updated", "network", "hidden"),
                ("updated", "network", "end")], told(red)
            check_stripped(notifier, root, red, nets["red"])

            # The same, read back from the journal and from what is there.
            first = blue.events[0].id
            with notifier.events(first, token="b") as again:
                # But for the subnet of a network no longer shared.
                missed = [e for e in blue.events[1:] if "subnet" not in e.data]
                events = again.wait_for(len(missed))
                assert [e.raw for e in events] == [
                    e.raw for e in missed]
            with notifier.events("0", token="b") as again:
                events = again.wait(lambda events: any(
                    e.event == "synced" for e in events) and list(events))
                assert [o["name"] for e in events[1:-1]
                        for o in e.data.values()] == ["end", "port-blue"]
        with notifier.client("nobody") as api:
            assert api.get("/events").status == 401


def check_stripped(notifier, root, red, net):
    """A member's events have what its own GET shows, an admin's more."""
    with notifier.client("r") as api:
        reply = api.get("/v2.0/networks/" + net)
        member = [e for e in red.events if e.data.get(
            "network", {}).get("id") == net][-1]
        assert member.raw == reply.body.decode()
        admin = next(e for e in root.events if e.id == member.id)
        assert set(member.data["network"]) < set(admin.data["network"])


tap.main()
