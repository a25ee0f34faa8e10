#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""GET /events: who is told of what, in what words, and once."""

import json

from lab import Lab, tap, wait_until
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


@tap.case("a client that comes back gets what it missed, once, in order")
def resume():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        with notifier.client() as api:
            with notifier.events(resource="port") as stream:
                net = api.create("network", name="n")["id"]
                ports = [api.create("port", name="p%d" % i, network_id=net)
                         for i in range(200)]
                everything = stream.wait_for(200)
                begin = stream.events[9].id
                for port in ports[:100]:
                    api.remove("port", port["id"])
                everything = stream.wait_for(300)
            for way in (dict(last_event_id=begin), dict(query=begin)):
                with Hub(notifier).open("/events?resource=port", **way) as s:
                    missed = s.wait_for(len(everything) - 10)
                    assert missed == everything[10:]
                    # And then it is live.
                    name = "after-" + next(iter(way))
                    api.create("port", name=name, network_id=net)
                    live = s.wait_for(len(missed) + 1)[len(missed):]
                    assert [e.data["port"]["name"] for e in live] == [name]
                    everything += live

            # The header, that of a browser that comes back, is the later one.
            with Hub(notifier).open("/events?resource=port",
                                    last_event_id=everything[-2].id,
                                    query=begin) as s:
                first = s.wait_for(1)[0]
                assert first.data["port"]["name"].startswith("after-"), first


@tap.case("what cannot be resumed is told anew")
def resync():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        with notifier.client() as api:
            net = api.create("network", name="n")["id"]
            ports = sorted(api.create("port", name="p%d" % i,
                                      network_id=net)["id"]
                           for i in range(150))
            with notifier.events() as stream:
                api.update("network", net, name="m")
                here = stream.next().id
        journal, seq = here.split("-")
        other = "%08x-%s" % (int(journal, 16) ^ 1, seq)
        future = "%s-%d" % (journal, int(seq) + 1000)
        for last in ("0", other, future, "nonsense"):
            with notifier.events(last) as stream:
                check_resync(stream, net, ports, here)
        with notifier.events("0", id=[ports[7], net]) as stream:
            check_resync(stream, net, [ports[7]], here)
        with notifier.events("0", resource="port", verb="deleted") as stream:
            check_resync(stream, None, ports, here)


def check_resync(stream, net, ports, here):
    events = stream.wait(lambda events: [
        e for e in events if e.event == "synced"] and list(events))
    assert events[0].event == "resync" and not events[0].id, events[0]
    assert events[0].data["resync"]["reason"], events[0]
    assert events[-1].event == "synced" and events[-1].id == here, events[-1]
    assert {(e.event, e.id) for e in events[1:-1]} == {("updated", None)}
    ids = [(kind, o["id"]) for e in events[1:-1] for kind, o in e.data.items()]
    expected = ([("network", net)] if net else []) + [
        ("port", port) for port in ports]
    assert ids == expected, (ids, expected)


@tap.case("what is past retention is told anew")
def retention():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier(
            options=["--journal-max-size=1"])
        with notifier.client() as api:
            net = api.create("network", name="n")["id"]
            with notifier.events() as stream:
                api.update("network", net, name="m")
                old = stream.next().id

            def expired():
                for i in range(100):
                    api.update("network", net, description="%d" % i * 100)
                return " 0 expired" not in notifier.appctl("status")

            wait_until(expired, 50, "entries to expire")
        with notifier.events(old) as stream:
            events = stream.wait_for(3)
            assert [e.event for e in events] == [
                "resync", "updated", "synced"], [e[:2] for e in events]
            assert "not kept" in events[0].data["resync"]["reason"], events


@tap.case("changes during a resync are neither lost nor doubled", timeout=120)
def resync_meanwhile():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        with notifier.client() as api:
            net = api.create("network", name="n")["id"]
            ports = [p["id"] for i in range(10) for p in api.bulk("port", [
                {"network_id": net, "name": "x" * 200, "description": "d" * 200}
                for _ in range(100)])]
            with Hub(notifier).open("/events?resource=port",
                                    last_event_id="0", read=False) as s:
                s.wait_reply()
                # It takes some of the present objects, then nothing.
                wait_until(lambda: s.state() == "resync", 10, "a resync")
                for port in ports[::3]:
                    api.update("port", port, name="new")
                for port in ports[1::3]:
                    api.remove("port", port)
                added = [api.create("port", network_id=net)["id"]
                         for _ in range(20)]
                s.read()
                s.wait(lambda events: any(e.event == "synced"
                                          for e in events), 30)
                api.update("port", added[0], name="end")
                s.wait(lambda events: events[-1].event == "updated" and
                       events[-1].data["port"]["name"] == "end", 30)
                assert replay(s.events) == present(api, "port")


def replay(events):
    """What a client knows that applied `events`: objects by id.  Fails if it
    was told something twice."""
    objects, last = {}, 0
    for e in events:
        if e.id:
            seq = int(e.id.split("-")[1])
            assert seq > last, (last, e)
            last = seq
        if e.event == "resync":
            objects = {}
        if e.event in ("created", "updated", "deleted"):
            (_, o), = e.data.items()
            if e.event == "deleted":
                objects.pop(o["id"], None)
            else:
                assert e.event == "updated" or o["id"] not in objects, e
                objects[o["id"]] = o
    return objects


def present(api, kind):
    return {o["id"]: o for o in api.list(kind)}


@tap.case("a slow client is coalesced, told so, and costs little",
          timeout=120)
def slow():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        with notifier.client() as api:
            net = api.create("network", name="n")["id"]
            ports = [p["id"] for p in api.bulk("port", [
                {"network_id": net} for _ in range(50)])]
            with Hub(notifier).open("/events?resource=port",
                                    read=False) as s:
                s.wait_reply()

                def behind():
                    for port in ports:
                        api.update("port", port, description="d" * 200)
                        api.update("port", port, description="")
                    return s.state() == "behind"

                wait_until(behind, 60, "the client to be behind")
                api.remove("port", ports.pop())
                for _ in range(5):
                    behind()
                before = notifier.rss_kb()
                for _ in range(20):
                    behind()
                assert notifier.rss_kb() - before < 2000, (
                    before, notifier.rss_kb())
                row = s.row()
                assert int(row["due"]) <= 51 and int(row["unsent"]) < 300000
                s.read()
                api.update("port", ports[0], name="end")
                s.wait(lambda events: any(
                    e.event == "updated" and e.data["port"]["name"] == "end"
                    for e in events), 30)
                told_so = [e.data["coalesced"] for e in s.events
                           if e.event == "coalesced"]
                assert told_so and told_so[0]["events"] > 2000, told_so
                assert told_so[0]["objects"] <= 51, told_so
                known = {id: None for id in ports}
                known.update(replay(s.events))
                assert known == present(api, "port")
                wait_until(lambda: s.state() == "live", 10, "it to be live")


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


@tap.case("kill -9 of the notifier loses and doubles nothing", timeout=120)
def killed():
    with Lab(agents=False) as lab:
        notifier = lab.add_notifier()
        # Changes come from the database's side, so that they go on.
        lab.nb.ctl("net-add", "n")
        events, last = [], "0"
        number = 0
        for _ in range(5):
            with notifier.events(last, resource="port") as stream:
                for _ in range(40):
                    lab.nb.ctl("port-add", "n", "p%d" % number)
                    number += 1
                    if number % 40 == 20:
                        notifier.kill9()
                stream.wait_end()
                events += stream.events
                last = stream.last_id or last
            notifier.start()
        with notifier.events(last, resource="port") as stream:
            names = {"p%d" % i for i in range(number)}
            stream.wait(lambda more: names <= {
                e.data["port"]["name"] for e in events + more
                if "port" in e.data}, 20)
            events += stream.events
        with notifier.client() as api:
            assert replay(events) == present(api, "port")
        created = [e.data["port"]["name"] for e in events
                   if e.event == "created"]
        assert len(created) == len(set(created)), created


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
