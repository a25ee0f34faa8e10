#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""GET /events, for clients that were away, come anew, or do not keep up:
nothing is lost and nothing told twice, or they are told so."""

import re

from lab import Lab, tap, wait_until
from lab.hub import Hub


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
                # The first that is left is well after the one we saw.
                return int(re.search(r"entries: \d+ \((\d+) to",
                                     notifier.appctl("status")).group(1)) > 10

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
                {"network_id": net, "name": "x" * 200,
                 "description": "d" * 200} for _ in range(100)])]
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
                notifier.assert_grown_less(before, 2000)
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


tap.main()
