#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Lists of the Networking API against a simple model: whatever is asked for,
by filters, tags, sorting and paging in any combination, is what one finds by
looking at every object.

SLUICE_SEED in the environment repeats a run."""

import contextlib
import os
import random
import urllib.parse

from lab import Lab, tap
from lab.rest import collection, member

SEED = int(os.environ.get("SLUICE_SEED") or random.randrange(2 ** 32))
QUERIES = 300

# Sorting of values of different kinds: null first.
RANK = {type(None): 0, bool: 1, int: 2, str: 3}

TEXTS = ["", "a", "b", "ab", "B", "\u00fc", "\u20ac", "\U0001f600", "a&b=c",
         "100%"]


class Model:
    """Answers queries, lists of (key, value), by looking at `objects`."""

    def __init__(self, objects):
        self.objects = objects

    def matches(self, query):
        wanted = {}
        for key, value in query:
            wanted.setdefault(key, []).append(value)
        return [o for o in self.objects
                if all(self.passes(o, *item) for item in wanted.items())]

    def passes(self, object, key, values):
        if key in ("tags", "not-tags", "tags-any", "not-tags-any"):
            tags = {t for value in values for t in value.split(",")}
            found = (tags & set(object["tags"]) if key.endswith("any")
                     else tags <= set(object["tags"]))
            return bool(found) != key.startswith("not")
        if key == "fixed_ips":
            return any(self.address_passes(f, values)
                       for f in object["fixed_ips"])
        return any(self.equal(object[key], value) for value in values)

    @staticmethod
    def address_passes(fixed_ip, values):
        kinds = {}
        for kind, value in (v.split("=", 1) for v in values):
            kinds.setdefault(kind, []).append(value)
        return all(
            any(v in fixed_ip["ip_address"] for v in wanted)
            if kind == "ip_address_substr" else fixed_ip[kind] in wanted
            for kind, wanted in kinds.items())

    @staticmethod
    def equal(value, text):
        if value is None:
            return text == ""
        if isinstance(value, bool):
            return value == (text.lower() in ("true", "1"))
        return str(value) == text

    @staticmethod
    def sort(objects, keys):
        objects = sorted(objects, key=lambda o: o["id"])
        for key, descending in reversed(keys):
            objects.sort(key=lambda o: (
                RANK[type(o[key])], o[key].encode()
                if isinstance(o[key], str) else o[key] or 0),
                reverse=descending)
            # Python keeps equal ones in their order, as we do.
        return objects


@contextlib.contextmanager
def world(rng):
    """A laboratory with objects of every kind; yields a client."""
    with Lab() as lab, lab.add_notifier().client() as client:
        client.lab = lab
        nets = client.bulk("network", [
            {"name": rng.choice(TEXTS), "mtu": rng.choice((1400, 1500)),
             "shared": rng.random() < .5,
             "description": rng.choice(TEXTS)} for _ in range(12)])
        nets += [client.create("network", {
            "provider:network_type": "vlan",
            "provider:physical_network": "physnet%d" % (i % 2),
            "provider:segmentation_id": 100 + i}) for i in range(6)]
        for i, net in enumerate(nets[:4]):
            client.create("subnet", network_id=net["id"], ip_version=4,
                          cidr="10.0.%d.0/24" % i, name=rng.choice(TEXTS))
            client.create("subnet", network_id=net["id"], ip_version=6,
                          cidr="2001:db8:%d::/64" % i, gateway_ip=None)
        client.bulk("port", [
            {"network_id": rng.choice(nets[:6])["id"],
             "name": rng.choice(TEXTS),
             "admin_state_up": rng.random() < .7,
             "device_id": rng.choice(TEXTS),
             "binding:host_id": rng.choice(("", "hv1", "hv2"))}
            for _ in range(60)])
        for kind in "network", "subnet", "port":
            for o in client.list(kind):
                tags = rng.sample(["red", "green", "blue"], rng.randrange(4))
                client.put(member(kind, o["id"]) + "/tags", {"tags": tags})
        yield client


FILTERS = {
    "network": ["id", "name", "mtu", "shared", "description",
                "admin_state_up", "status", "router:external",
                "provider:network_type", "provider:physical_network",
                "provider:segmentation_id", "revision_number"],
    "subnet": ["id", "name", "network_id", "ip_version", "cidr",
               "gateway_ip", "enable_dhcp"],
    "port": ["id", "name", "network_id", "mac_address", "admin_state_up",
             "status", "device_id", "binding:host_id", "binding:vif_type",
             "fixed_ips"],
}
SORTS = {
    "network": ["id", "name", "mtu", "shared", "provider:network_type",
                "provider:segmentation_id"],
    "subnet": ["name", "ip_version", "cidr", "gateway_ip", "network_id"],
    "port": ["name", "network_id", "admin_state_up", "device_id",
             "binding:vif_type"],
}


def some_value(rng, model, key):
    value = rng.choice(model.objects)[key]
    if key == "fixed_ips":
        ip = rng.choice(value) if value else {"ip_address": "10.0.0.9",
                                              "subnet_id": "none"}
        kind = rng.choice(("ip_address", "subnet_id", "ip_address_substr"))
        return (kind + "=" + (ip["ip_address"][:rng.randrange(2, 9)]
                              if kind == "ip_address_substr" else ip[kind]))
    if isinstance(value, bool):
        return rng.choice((str(value), str(int(value)), str(value).lower()))
    return "" if value is None else str(value)


def random_filters(rng, kind, model):
    filters = []
    for key in rng.sample(FILTERS[kind], rng.choice((0, 1, 1, 2))):
        filters += [(key, some_value(rng, model, key))
                    for _ in range(rng.choice((1, 1, 2, 5)))]
    if rng.random() < .3:
        key = rng.choice(("tags", "not-tags", "tags-any", "not-tags-any"))
        filters.append((key, ",".join(rng.sample(["red", "green", "blue"],
                                                 rng.randrange(1, 3)))))
    rng.shuffle(filters)
    return filters


def ask(client, kind, path):
    reply = client.get(path)
    assert reply.status == 200, (path, reply)
    links = {l["rel"]: l["href"]
             for l in reply.json.get(kind + "s_links", ())}
    return reply.json[kind + "s"], {
        rel: urllib.parse.urlsplit(href)._replace(scheme="",
                                                  netloc="").geturl()
        for rel, href in links.items()}


def walk(client, kind, path, rel):
    """The pages from `path` on, and the path of the last."""
    pages = []
    while path:
        last = path
        page, links = ask(client, kind, path)
        pages.append(page)
        path = links.get(rel)
    return pages, last


def check_query(rng, client, kind, model):
    filters = random_filters(rng, kind, model)
    keys = [(key, rng.random() < .5)
            for key in rng.sample(SORTS[kind], rng.randrange(3))]
    query = filters + [p for key, descending in keys for p in (
        ("sort_key", key), ("sort_dir", "desc" if descending else "asc"))]
    path = collection(kind) + "?" + urllib.parse.urlencode(query)
    expected = model.sort(model.matches(filters), keys)

    got, links = ask(client, kind, path)
    assert got == expected and not links, (
        path, [o["id"] for o in got], [o["id"] for o in expected])

    # The same in pages, forth and, from the last one, back.
    limit = rng.choice((1, 2, 7, len(expected) or 1, 1000))
    if len(expected) > 20 * limit:
        limit = 20
    paged = path + "&limit=%d" % limit
    pages, last = walk(client, kind, paged, "next")
    assert [len(p) for p in pages[:-1]] == [limit] * (len(pages) - 1)
    assert sum(pages, []) == expected, path
    back, _ = walk(client, kind, last, "previous")
    assert sum(back[::-1], []) == expected, path

    # From the end: the last page first, in the order of the list.
    back, _ = walk(client, kind, paged + "&page_reverse=True", "previous")
    assert sum(back[::-1], []) == expected, path


@tap.case("any query finds what looking at every object finds", timeout=120)
def queries():
    print("# SLUICE_SEED=%d" % SEED)
    rng = random.Random(SEED)
    with world(rng) as client:
        models = {kind: Model(client.list(kind)) for kind in FILTERS}
        for kind, model in models.items():
            for o in model.objects:
                assert client.show(kind, o["id"]) == o
        for _ in range(QUERIES):
            kind = rng.choice(list(models))
            check_query(rng, client, kind, models[kind])


@tap.case("fields, changed_since, MAC addresses in any case, bad markers")
def others():
    rng = random.Random(SEED)
    with world(rng) as client:
        ports = client.list("port")
        assert client.list("port", fields=["id", "nosuch", "name"]) == [
            {"id": p["id"], "name": p["name"]} for p in ports]
        assert client.list("port", fields="nosuch") == [{} for _ in ports]
        assert client.list("port", fields="") == ports
        mac = ports[0]["mac_address"]
        for text in mac, mac.upper():
            assert client.list("port", mac_address=text) == ports[:1]

        newest = max(p["updated_at"] for p in ports)
        assert client.list("port", changed_since=newest) == [
            p for p in ports if p["updated_at"] == newest]
        assert client.list("port", changed_since="2100-01-01T00:00:00") == []

        for bad in ("marker=" + client.list("network")[0]["id"],
                    "marker=x", "limit=-1", "sort_key=nosuch",
                    "sort_key=name&sort_dir=up", "sort_dir=asc",
                    "security_groups=x", "page_reverse=x"):
            reply = client.get(collection("port") + "?" + bad)
            assert reply.status == 400 and reply.message, (bad, reply)
        client.remove("port", ports[0]["id"])
        reply = client.get(collection("port") + "?marker=" + ports[0]["id"])
        assert reply.status == 400, reply


tap.main()
