#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The notifier or its database killed at any moment: what was answered is so,
nothing is half there, and history and event stream go on with nothing lost or
doubled."""

import collections
import http.client
import random
import threading
import urllib.parse

from lab import Lab, tap, wait_until

SUBNET = {"ip_version": 4, "cidr": "10.0.0.0/16"}
SUBNET6 = {"ip_version": 6, "cidr": "fd00:1::/64"}

# Clients that write all the time, and how often what they write to is killed:
# a notifier is back in a moment, the connection to a database after seconds.
WRITERS = 4
KILLS = 40
DATABASE_KILLS = 3

# What the ports of another client, of the database itself, are called; it
# gives them no addresses.
OTHERS = "meanwhile-"

# What a client sees of a server that is killed.
BROKEN = (OSError, http.client.HTTPException)


class Writer(threading.Thread):
    """Creates ports, changes and deletes some of them, and remembers what it
    was answered.  `ports` is by name; in it None is a port that is deleted,
    and `doubtful` are names of those whose last request had no answer."""

    def __init__(self, notifier, network, label):
        super().__init__(daemon=True)
        self.notifier, self.network, self.label = notifier, network, label
        self.random = random.Random(label)
        self.ports, self.doubtful = {}, set()
        self.answered = self.refused = 0
        self.error = None
        self.ending = threading.Event()

    def run(self):
        client = self.notifier.client()
        number = 0
        try:
            while not self.ending.is_set():
                number += 1
                self._port(client, "w%d-%d" % (self.label, number))
        except Exception as e:          # Told by finish().
            self.error = e
        finally:
            client.close()

    def finish(self):
        self.ending.set()
        self.join()
        if self.error:
            raise self.error

    def _port(self, client, name):
        port = self._ask(client, name, "POST", "/v2.0/ports", {
            "port": {"name": name, "network_id": self.network}})
        path = port and "/v2.0/ports/" + port["port"]["id"]
        while port and self.random.random() < 0.5:
            port = self._ask(client, name, "PUT", path, {"port": {
                "description": "%d" % self.random.randrange(1000)}})
        if port and self.random.random() < 0.3:
            self._ask(client, name, "DELETE", path)

    def _ask(self, client, name, method, path, body=None):
        """Returns the answer, or None if there is none."""
        try:
            reply = client.request(method, path, body)
        except BROKEN:
            self.doubtful.add(name)
            wait_until(lambda: self.ending.is_set()
                       or self.notifier.probe("/readyz") == 200, 30,
                       "the notifier's return")
            return None
        if reply.status == 503:
            assert reply.headers["Retry-After"], reply
            self.doubtful.add(name)
            self.refused += 1
            wait_until(lambda: self.ending.is_set()
                       or self.notifier.probe("/readyz") == 200, 30,
                       "the notifier to be ready")
            return None
        assert 200 <= reply.status < 300, (method, path, body, str(reply))
        self.ports[name] = reply.json and reply.json["port"]
        self.answered += 1
        return reply.json


class Follower:
    """A client of events that comes back whenever its stream ends."""

    def __init__(self, notifier, **topics):
        self.notifier, self.topics = notifier, topics
        self.done = []
        self.stream = notifier.events(**topics)

    def resume(self):
        """Comes back, as its stream has ended."""
        self.stream.wait_end()
        last = self.stream.last_id or (self.done and self.done[-1].id) or "0"
        self.done += self.stream.events
        self.stream = self.notifier.events(last_event_id=last, **self.topics)

    def events(self):
        return self.done + list(self.stream.events)

    def await_end(self, history):
        """Waits until it was told the last entry of `history`."""
        last = history[-1]["event_id"]
        self.stream.wait(lambda _: any(
            e.id == last for e in self.events()), what="event %s" % last)


class Scene:
    """A notifier with a network, writers and a follower of ports."""

    def __init__(self, lab):
        self.lab, self.nb = lab, lab.nb
        self.notifier = lab.add_notifier()
        with self.notifier.client() as client:
            self.network = client.create("network", name="n")["id"]
            for subnet in (SUBNET, SUBNET6):
                client.create("subnet", subnet, network_id=self.network)
        self.follower = Follower(self.notifier, resource="port")
        self.writers = [Writer(self.notifier, self.network, i)
                        for i in range(WRITERS)]
        self.random = random.Random(1)
        for writer in self.writers:
            writer.start()

    def answered(self):
        broken = next((w.error for w in self.writers if w.error), None)
        if broken:
            raise broken
        return sum(w.answered for w in self.writers)

    def go_on(self):
        """Waits until some more requests were answered."""
        target = self.answered() + self.random.randrange(1, 60)
        wait_until(lambda: self.answered() >= target, 30, "more answers")

    def finish(self):
        for writer in self.writers:
            writer.finish()

    def check_database(self):
        """Everything answered is so; every port is whole."""
        ports = {r["name"]: r for r in self.nb.rows("Port")}
        checked = 0
        for writer in self.writers:
            for name, port in writer.ports.items():
                if name in writer.doubtful:
                    continue
                checked += 1
                assert (name in ports) == (port is not None), (name, port)
                if port:
                    row = ports[name]
                    assert row["_uuid"][1] == port["id"]
                    assert row["description"] == port["description"], row
                    assert row["revision_number"] == port["revision_number"]
        assert checked > 30, checked
        allocations = collections.Counter()
        for name, row in ports.items():
            assert row["mac_address"], row
            if name.startswith(OTHERS):
                continue
            uuids = row["ip_allocations"][1]
            assert row["ip_allocations"][0] == "set" and len(uuids) == 2, row
            allocations.update(u[1] for u in uuids)
        rows = self.nb.rows("IP_Allocation", ["_uuid", "ip_address"])
        assert {r["_uuid"][1]: 1 for r in rows} == allocations
        assert len({r["ip_address"] for r in rows}) == len(rows)
        return ports

    def check_told(self, ports):
        """History and events have each change once, in order, up to what is
        in the database now."""
        with self.notifier.client() as client:
            entries = history(client, resource="port")
            shown = {p["id"]: p for p in client.list("port")}
        self.follower.await_end(entries)
        events = self.follower.events()
        assert "resync" not in {e.event for e in events}
        assert [(e.id, e.event, e.data["port"]["id"],
                 e.data["port"]["revision_number"]) for e in events] == [
            (e["event_id"], e["verb"], e["id"], e["revision_number"])
            for e in entries]
        by_id = collections.defaultdict(list)
        for event in events:
            by_id[event.data["port"]["id"]].append(event)
        for id, told in by_id.items():
            verbs = [e.event for e in told]
            assert verbs[0] == "created" and verbs.count("created") == 1, told
            assert verbs.count("deleted") == (id not in shown), told
            revisions = [e.data["port"]["revision_number"] for e in told
                         if e.event != "deleted"]
            assert revisions == sorted(set(revisions)), told
            if id in shown:
                assert told[-1].data["port"] == shown[id], told
        answered = {p["id"] for w in self.writers for p in w.ports.values()
                    if p}
        assert answered <= set(by_id), answered - set(by_id)
        assert set(shown) == {r["_uuid"][1] for r in ports.values()}


def history(client, **query):
    """Returns all entries of the history that are changes of what GET shows,
    the oldest first."""
    path = "/v2.0/history?" + urllib.parse.urlencode(query)
    entries = []
    while path:
        answer = client.get(path).json
        entries += answer["history"]
        path = next((link["href"].partition(client.connection.host)[2]
                     .lstrip(":0123456789")
                     for link in answer.get("history_links", ())
                     if link["rel"] == "next"), None)
    return entries[::-1]


@tap.case("the notifier killed at any moment of a stream of changes",
          timeout=120)
def notifier_killed():
    with Lab() as lab:
        scene = Scene(lab)
        for number in range(KILLS):
            scene.go_on()
            scene.notifier.kill9()
            if number % 3 == 0:
                # Somebody else goes on meanwhile.
                lab.nb.ctl("port-add", scene.network, OTHERS + str(number))
            scene.notifier.start(ready=False)
            scene.notifier.wait_ready()
            scene.follower.resume()
        scene.go_on()
        scene.finish()
        scene.check_told(scene.check_database())


@tap.case("the database killed at any moment of a stream of changes",
          timeout=120)
def database_killed():
    with Lab() as lab:
        scene = Scene(lab)
        pid = scene.notifier.pid
        for _ in range(DATABASE_KILLS):
            scene.go_on()
            lab.nb.kill9()
            wait_until(lambda: scene.notifier.probe("/readyz") == 503,
                       what="the notifier to know")
            lab.nb.start()
            scene.notifier.wait_ready(timeout=30)
        scene.go_on()
        scene.finish()
        assert scene.notifier.pid == pid and not scene.notifier.died()
        scene.check_told(scene.check_database())
        # The stream was open all the time.
        assert not scene.follower.done and not scene.follower.stream.ended


@tap.case("the database away: reads are from before and say so, writes are"
          " refused at once")
def database_away():
    with Lab() as lab:
        notifier = lab.add_notifier()
        with notifier.client() as client, notifier.events() as stream:
            network = client.create("network", name="n")
            port = client.create("port", network_id=network["id"])
            path = "/v2.0/ports/" + port["id"]
            reply = client.get(path)
            assert "Warning" not in reply.headers, reply.headers
            lab.nb.kill9()
            wait_until(lambda: client.get("/readyz").status == 503,
                       what="the notifier to know")
            assert client.get("/healthz").status == 200
            for query in (path, "/v2.0/ports", "/v2.0/networks?name=n"):
                reply = client.get(query)
                assert reply.status == 200, reply
                assert reply.headers["Warning"].startswith("110 "), query
            assert client.get(path).json["port"] == port
            assert client.get("/v2.0/ports/nosuch").status == 404
            for method, where, body in (
                    ("POST", "/v2.0/networks", {"network": {}}),
                    ("PUT", path, {"port": {"name": "x"}}),
                    ("PUT", path + "/tags", {"tags": ["x"]}),
                    ("DELETE", path, None)):
                reply = client.request(method, where, body)
                assert reply.status == 503, (method, reply)
                assert int(reply.headers["Retry-After"]) > 0
                assert reply.message, reply
            # What is wrong with the request itself, it is told all the same.
            assert client.post("/v2.0/networks", "{").status == 400
            # Deleted while nobody looked.
            lab.nb._transact_offline(
                {"op": "delete", "table": "Port",
                 "where": [["_uuid", "==", ["uuid", port["id"]]]]})
            lab.nb.start()
            notifier.wait_ready(timeout=30)
            reply = client.get(path)
            assert reply.status == 404 and "Warning" not in reply.headers
            assert client.create("network", name="m")["name"] == "m"
            events = stream.wait_for(4)
            assert [(e.event, *e.data) for e in events] == [
                ("created", "network"), ("created", "port"),
                ("deleted", "port"), ("created", "network")], events


@tap.case("started before its database: answers, and is ready when it is")
def before_database():
    with Lab() as lab:
        lab.nb.stop()
        notifier = lab.add_notifier(start=False)
        notifier.start(ready=False)
        wait_until(lambda: notifier.probe("/healthz") == 200, what="health")
        with notifier.client() as client:
            assert client.get("/readyz").status == 503
            for method, body in (("GET", None), ("POST", {"network": {}})):
                reply = client.request(method, "/v2.0/networks", body)
                assert reply.status == 503, reply
                assert reply.headers["Retry-After"]
            lab.nb.start()
            notifier.wait_ready(timeout=30)
            assert client.list("network") == []
            client.create("network", name="n")


tap.main(tools=("ip", "nsenter", "ovsdb-server", "ovsdb-tool"))
