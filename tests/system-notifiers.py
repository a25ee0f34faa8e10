#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Several notifiers on one database, all writing at once: what must be unique
is, what was answered is so, and nobody is refused without a reason."""

import collections
import concurrent.futures
import contextlib
import itertools
import threading

from lab import Lab, tap, wait_until

# Connections to each of the two notifiers.
CLIENTS = 8

# How often each race is run.
RACES = 15


class Crowd:
    """Clients of two notifiers, a thread each."""

    def __init__(self, lab, each=CLIENTS):
        self.lab = lab
        self.notifiers = [lab.add_notifier() for _ in range(2)]
        self.clients = [n.client() for _ in range(each)
                        for n in self.notifiers]
        self.pool = concurrent.futures.ThreadPoolExecutor(len(self.clients))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pool.shutdown()
        for client in self.clients:
            client.close()

    def share(self, tasks):
        """Runs task(client) for each of `tasks`, each client one after the
        other; returns what they return."""
        tasks, lock = iter(tasks), threading.Lock()

        def work(client):
            results = []
            while True:
                with lock:
                    task = next(tasks, None)
                if task is None:
                    return results
                results.append(task(client))
        done = [self.pool.submit(work, c) for c in self.clients]
        return list(itertools.chain(*(d.result() for d in done)))

    def race(self, tasks):
        """Runs task(client) for each of `tasks`, each with a client of its
        own, all at the same moment; returns what they return, in order."""
        tasks = list(tasks)
        barrier = threading.Barrier(len(tasks))

        def work(task, client):
            client.get("/healthz")          # Connected.
            barrier.wait()
            return task(client)
        done = [self.pool.submit(work, t, c)
                for t, c in zip(tasks, self.clients)]
        return [d.result() for d in done]

    def everywhere(self, condition, what):
        """Waits until condition(client) is true at each notifier."""
        for client in self.clients[:2]:
            wait_until(lambda: condition(client), what=what)


def post(kind, **attributes):
    """A task that creates an object and returns the Reply."""
    body = {kind: {k.replace("__", ":"): v for k, v in attributes.items()}}
    return lambda client: client.post("/v2.0/%ss" % kind, body)


def outcome(replies):
    """Counts replies by status and type."""
    return collections.Counter((r.status, r.type) for r in replies)


@contextlib.contextmanager
def crowd(**settings):
    with Lab() as lab, Crowd(lab, **settings) as made:
        yield made


def network(crowd, *subnets, **attributes):
    """Creates a network with subnets, which both notifiers know when this
    returns; returns its id."""
    client = crowd.clients[0]
    made = client.create("network", attributes, name="n")
    for subnet in subnets:
        client.create("subnet", subnet, network_id=made["id"])
    crowd.everywhere(
        lambda c: c.get("/v2.0/networks/" + made["id"]).status == 200
        and len(c.list("subnet")) == len(subnets), "the network")
    return made["id"]


V4 = {"ip_version": 4, "cidr": "10.0.0.0/22",
      "allocation_pools": [{"start": "10.0.0.10", "end": "10.0.3.241"}]}
V6 = {"ip_version": 6, "cidr": "fd00:1::/64"}


@tap.case("a thousand ports at once through two: a thousand, nothing twice,"
          " and no address left")
def thousand():
    with crowd() as c:
        net = network(c, V4, V6)
        replies = c.share([post("port", network_id=net, name="p%d" % i)
                           for i in range(1000)])
        assert outcome(replies) == {(201, None): 1000}, outcome(replies)
        made = [r.json["port"] for r in replies]
        check_ports(c, made)
        # The pool has a thousand addresses.
        replies = c.race([post("port", network_id=net)] * 4)
        assert outcome(replies) == {
            (409, "IpAddressGenerationFailure"): 4}, outcome(replies)
        # One goes, one may come.
        c.clients[0].remove("port", made[0]["id"])
        c.everywhere(lambda x: len(x.list("port")) == 999, "999 ports")
        replies = c.race([post("port", network_id=net)] * 6)
        assert outcome(replies) == {
            (201, None): 1,
            (409, "IpAddressGenerationFailure"): 5}, outcome(replies)


@tap.case("overlays at once through two: VNIs to the last one, nothing twice")
def overlays():
    with crowd() as c:
        c.lab.nb.ctl("set", "NB_Global", ".",
                     "options:vxlan-vni-ranges=\"11:70\"", "--",
                     "net-add", "then")
        c.everywhere(lambda x: x.list("network"), "the range to be known")
        task = post("network", provider__network_type="vxlan")
        replies = c.share([task] * 64)
        assert outcome(replies) == {
            (201, None): 60, (503, "NoNetworkAvailable"): 4}, outcome(replies)
        made = [r.json["network"] for r in replies if r.status == 201]
        assert sorted(n["provider:segmentation_id"] for n in made) == [
            *range(11, 71)]
        # One goes, one may come.
        c.clients[0].remove("network", made[0]["id"])
        c.everywhere(lambda x: len(x.list("network")) == 60, "60 networks")
        replies = c.race([task] * 6)
        assert outcome(replies) == {
            (201, None): 1, (503, "NoNetworkAvailable"): 5}, outcome(replies)


def check_ports(c, made):
    """Checks that what was answered is what both show and what the database
    has, and nothing in it twice."""
    for what in (lambda p: p["id"], lambda p: p["mac_address"],
                 lambda p: p["fixed_ips"][0]["ip_address"],
                 lambda p: p["fixed_ips"][1]["ip_address"]):
        assert len(set(map(what, made))) == len(made)
    by_id = {p["id"]: p for p in made}
    c.everywhere(lambda client: {p["id"]: p for p in client.list("port")}
                 == by_id, "both to show the same")
    rows = c.lab.nb.rows("Port", ["_uuid", "mac_address"])
    assert {r["_uuid"][1]: r["mac_address"] for r in rows} == {
        p["id"]: p["mac_address"] for p in made}
    assert len(c.lab.nb.rows("IP_Allocation", ["ip_address"])) == 2 * len(made)


def one_wins(what, tasks, loser):
    """Registers a case: of requests sent at the same moment to both notifiers
    one is granted and all others get `loser` = (status, type).  tasks(crowd,
    number) makes those of one race."""
    @tap.case("one wins: " + what)
    def case():
        with crowd(each=4) as c:
            for number in range(RACES):
                race = tasks(c, number)
                replies = c.race(race)
                assert outcome(replies) == {
                    (201, None): 1, loser: len(race) - 1}, (
                        number, outcome(replies), [str(r) for r in replies])


def overlapping_subnets(c, number):
    net = c.clients[0].create("network", name="n%d" % number)["id"]
    c.everywhere(lambda x: x.get("/v2.0/networks/" + net).status == 200,
                 "the network")
    return [post("subnet", network_id=net, ip_version=4,
                 cidr="10.%d.%d.0/%d" % (number, 2 * i % 4, 16 + i % 3))
            for i in range(8)]


def same_address(c, number):
    if number == 0:
        same_address.network = network(c, V4)
    return [post("port", network_id=same_address.network, fixed_ips=[
        {"ip_address": "10.0.1.%d" % (number + 1)}])] * 8


def same_mac(c, number):
    if number == 0:
        same_mac.network = network(c)
    return [post("port", network_id=same_mac.network,
                 mac_address="fa:16:3e:00:01:%02x" % number)] * 8


def same_vlan(_, number):
    return [post("network", name="v%d" % i, provider__network_type="vlan",
                 provider__physical_network="physnet1",
                 provider__segmentation_id=100 + number) for i in range(8)]


one_wins("subnets of one network that overlap", overlapping_subnets,
         (400, "InvalidInput"))
one_wins("ports that want one address", same_address,
         (409, "IpAddressAlreadyAllocated"))
one_wins("ports of one network that want one MAC", same_mac,
         (409, "MacAddressInUse"))
one_wins("networks that want one VLAN", same_vlan, (409, "VlanIdInUse"))


@tap.case("changes of one object through both: each has a revision")
def one_object():
    with crowd() as c, c.notifiers[0].events(resource="port") as first, \
            c.notifiers[1].events(resource="port") as second:
        net = network(c)
        port = c.clients[0].create("port", network_id=net)
        path = "/v2.0/ports/" + port["id"]
        c.everywhere(lambda x: x.get(path).status == 200, "the port")

        def change(number):
            return lambda client: client.put(
                path, {"port": {"description": "d%d" % number}})
        replies = c.share(map(change, range(200)))
        assert outcome(replies) == {(200, None): 200}, outcome(replies)
        revisions = sorted(r.json["port"]["revision_number"] for r in replies)
        start = port["revision_number"]
        assert revisions == list(range(start + 1, start + 201)), revisions
        last = next(r.json["port"] for r in replies
                    if r.json["port"]["revision_number"] == start + 200)
        c.everywhere(lambda x: x.show("port", port["id"]) == last, "the last")
        # Either stream has each of them once, in order.
        for stream in (first, second):
            events = stream.wait_for(201)
            assert [e.data["port"]["revision_number"] for e in events] == list(
                range(start, start + 201)), events


@tap.case("If-Match through both: of those who saw one revision one wins")
def if_match():
    with crowd(each=4) as c:
        port = c.clients[0].create("port", network_id=network(c))
        path = "/v2.0/ports/" + port["id"]
        revision = port["revision_number"]
        for number in range(RACES):
            c.everywhere(lambda x: x.get(path).json and x.show(
                "port", port["id"])["revision_number"] == revision,
                "revision %d" % revision)
            header = {"If-Match": "revision_number=%d" % revision}
            replies = c.race([lambda client: client.put(
                path, {"port": {"name": "x%d" % number}}, **header)] * 8)
            assert outcome(replies) == {
                (200, None): 1, (412, "RevisionNumberConstraintFailed"): 7}, (
                    number, outcome(replies), [str(r) for r in replies])
            revision += 1


@tap.case("a network deleted while ports come: either, never half of it")
def delete_race():
    with crowd(each=4) as c:
        for number in range(RACES):
            net = c.clients[0].create("network", name="n")["id"]
            c.everywhere(lambda x: x.get("/v2.0/networks/" + net).status
                         == 200, "the network")
            delete, *created = c.race(
                [lambda client: client.delete("/v2.0/networks/" + net)]
                + [post("port", network_id=net)] * 7)
            if delete.status == 204:
                assert set(outcome(created)) <= {
                    (404, "NetworkNotFound")}, outcome(created)
            else:
                assert (delete.status, delete.type) == (409, "NetworkInUse")
                assert (201, None) in outcome(created), outcome(created)
            ports = [r.json["port"]["id"] for r in created
                     if r.status == 201]
            found = c.lab.nb.rows("Port", ["_uuid"], [
                ["network", "==", ["uuid", net]]])
            assert sorted(r["_uuid"][1] for r in found) == sorted(ports)


tap.main(tools=("ip", "nsenter", "ovsdb-server"))
