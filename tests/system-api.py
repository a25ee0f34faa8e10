#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The Networking API over plain HTTP: what objects come to, one request after
the other.  What it refuses is in system-api-errors.py."""

import contextlib

from lab import Lab, tap, wait_until
from lab.rest import collection, member


@contextlib.contextmanager
def api():
    """A laboratory with a notifier and no hypervisor, and a client."""
    with Lab() as lab, lab.add_notifier().client() as client:
        client.lab = lab
        yield client


def row(client, table, id):
    """The row that an object is in."""
    return client.lab.nb.rows(table, where=[["_uuid", "==", ["uuid", id]]])[0]


@tap.case("an object's life: created, shown, changed, deleted")
def life():
    with api() as client:
        net = client.create("network", name="blue", description="d")
        subnet = client.create("subnet", network_id=net["id"], name="s",
                               cidr="10.1.0.0/24", ip_version=4)
        port = client.create("port", network_id=net["id"], name="p")
        assert subnet["gateway_ip"] == "10.1.0.1"
        assert subnet["allocation_pools"] == [
            {"start": "10.1.0.2", "end": "10.1.0.254"}]
        assert [f["subnet_id"] for f in port["fixed_ips"]] == [subnet["id"]]
        assert port["mac_address"].startswith("fa:16:3e:")
        assert port["status"] == "DOWN" and net["status"] == "ACTIVE"
        assert net["revision_number"] == 1 == port["revision_number"]

        # What was answered is what there is.
        for kind, made in (("subnet", subnet), ("port", port)):
            assert client.show(kind, made["id"]) == made
            assert client.list(kind) == [made]
        assert client.show("network", net["id"])["subnets"] == [subnet["id"]]

        for kind, made in (("network", net), ("subnet", subnet),
                           ("port", port)):
            changed = client.update(kind, made["id"], name="new")
            assert changed["name"] == "new"
            assert client.show(kind, made["id"]) == changed
        for kind, made in (("port", port), ("subnet", subnet),
                           ("network", net)):
            client.remove(kind, made["id"])
            assert client.get(member(kind, made["id"])).status == 404
            assert client.list(kind) == []
        assert client.lab.nb.rows("IP_Allocation") == []


@tap.case("revisions: each PUT that sets something raises one, {} does not")
def revisions():
    with api() as client:
        net = client.create("network", name="blue")
        id = net["id"]
        assert client.update("network", id) == net
        for expected in (2, 3):
            again = client.update("network", id, name="blue")
            assert again["revision_number"] == expected
        assert row(client, "Network", id)["updated_by"] == "api"

        # A network's subnets are part of what it shows.
        subnet = client.create("subnet", network_id=id, cidr="10.0.0.0/24",
                               ip_version=4)
        assert client.show("network", id)["revision_number"] == 4
        client.create("port", network_id=id, fixed_ips=[])
        assert client.show("network", id)["revision_number"] == 4
        client.remove("subnet", subnet["id"])
        assert client.show("network", id)["revision_number"] == 5


@tap.case("If-Match: for the revision that is there, and for no other")
def if_match():
    with api() as client:
        path = member("network", client.create("network")["id"])

        def ask(method, value):
            return client.request(method, path,
                                  {"network": {"name": "x"}}
                                  if method == "PUT" else None,
                                  {"If-Match": value})

        for method in ("PUT", "DELETE"):
            reply = ask(method, "revision_number=7")
            assert (reply.status, reply.type) == (
                412, "RevisionNumberConstraintFailed"), reply
            for bad in ("7", "revision_number=", "revision_number=x", "*"):
                assert ask(method, bad).status == 400
        assert client.get(path).json["network"]["revision_number"] == 1
        assert ask("PUT", "revision_number=1").status == 200
        assert ask("PUT", "revision_number=1").status == 412
        assert ask("DELETE", "revision_number=1").status == 412
        assert ask("DELETE", "revision_number=2").status == 204


@tap.case("bulk: all in one transaction, in the order asked for, or none")
def bulk():
    with api() as client:
        nets = client.bulk("network", [{"name": "n%d" % i}
                                       for i in range(20)])
        assert [n["name"] for n in nets] == ["n%d" % i for i in range(20)]
        net = nets[0]["id"]
        client.create("subnet", network_id=net, cidr="10.0.0.0/24",
                      ip_version=4)
        ports = client.bulk("port", [{"network_id": net} for _ in range(100)])
        for key in ("id", "mac_address"):
            assert len({p[key] for p in ports}) == 100
        assert len({p["fixed_ips"][0]["ip_address"] for p in ports}) == 100

        def refused(kind, objects, status, type):
            before = client.list(kind), client.lab.nb.rows("IP_Allocation")
            reply = client.post(collection(kind), {kind + "s": objects})
            assert (reply.status, reply.type) == (status, type), reply
            assert (client.list(kind),
                    client.lab.nb.rows("IP_Allocation")) == before

        good = {"network_id": net}
        refused("port", [good, dict(good, name=7)], 400, "HTTPBadRequest")
        refused("port", [good] * 200, 409, "IpAddressGenerationFailure")

        # Twice in one request, where the database has neither.
        used = {p["fixed_ips"][0]["ip_address"] for p in ports}
        free = next(a for a in ("10.0.0.%d" % i for i in range(2, 255))
                    if a not in used)
        ip = dict(good, fixed_ips=[{"ip_address": free}])
        refused("port", [ip, good, ip], 409, "IpAddressAlreadyAllocated")
        mac = dict(good, mac_address="fa:16:3e:00:00:01")
        refused("port", [mac, good, mac], 409, "MacAddressInUse")
        vlan = {"provider:network_type": "vlan",
                "provider:physical_network": "p",
                "provider:segmentation_id": 7}
        refused("network", [vlan, {}, vlan], 409, "VlanIdInUse")
        subnet = {"network_id": net, "ip_version": 4, "cidr": "10.9.0.0/24"}
        refused("subnet", [subnet, dict(subnet, cidr="10.9.0.0/16")], 400,
                "InvalidInput")
        client.bulk("subnet", [subnet, dict(subnet, cidr="10.8.0.0/24")])


@tap.case("provider networks: what is asked for, or what is free")
def provider():
    with api() as client:
        def make(**more):
            net = client.create("network", {"provider:" + k: v
                                            for k, v in more.items()})
            return [net["provider:" + k] for k in (
                "network_type", "physical_network", "segmentation_id")]

        assert make() == ["local", None, None]
        assert make(network_type="flat", physical_network="p") == [
            "flat", "p", None]
        assert make(network_type="vlan", physical_network="p",
                    segmentation_id="150") == ["vlan", "p", 150]
        assert make(network_type="vxlan", segmentation_id=7) == [
            "vxlan", None, 7]
        ids = {make(network_type="geneve")[2] for _ in range(20)}
        assert len(ids) == 20 and all(1 <= i < 2 ** 24 for i in ids)


def set_options(client, **options):
    """Sets the options of NB_Global, with _ for -, which the notifier knows
    when this returns."""
    sign = "since %s" % options
    client.lab.nb.transact(
        {"op": "update", "table": "NB_Global", "where": [], "row": {
            "options": ["map", [[name.replace("_", "-"), value]
                                for name, value in options.items()]]}},
        {"op": "insert", "table": "Network", "row": {"name": sign}})
    wait_until(lambda: client.list("network", name=sign), what=sign)


@tap.case("networks of which nothing is said are of the operator's type")
def tenant_networks():
    with api() as client:
        def made(**more):
            net = client.create("network", {"provider:" + k: v
                                            for k, v in more.items()})
            client.remove("network", net["id"])
            return net["provider:network_type"], net["mtu"]

        for kind, mtu in (("vxlan", 1450), ("geneve", 1450), ("local", 1500)):
            set_options(client, tenant_network_type=kind)
            assert made() == (kind, mtu)
            assert made(network_type=None, segmentation_id=None) == (kind, mtu)
            assert made(network_type="local") == ("local", 1500)
            assert made(network_type="vxlan", segmentation_id=7) == (
                "vxlan", 1450)
            reply = client.post("/v2.0/networks", {
                "network": {"provider:segmentation_id": 7}})
            assert (reply.status, reply.type) == (400, "InvalidInput")
        set_options(client, tenant_network_type="vxlan",
                    vxlan_vni_ranges="5:5")
        client.create("network")
        reply = client.post("/v2.0/networks", {"network": {}})
        assert (reply.status, reply.type) == (503, "NoNetworkAvailable")
        set_options(client, tenant_network_type="vlan")
        reply = client.post("/v2.0/networks", {"network": {}})
        assert reply.status == 503, str(reply)
        assert ("NB_Global option tenant-network-type: \"vlan\" is none of "
                "local, vxlan and geneve") in reply.message, str(reply)
        assert made(network_type="vxlan") == ("vxlan", 1450)


@tap.case("MTU: what fits the underlay, or less")
def mtu():
    with api() as client:
        wires = {"local": {}, "flat": {"physical_network": "p"},
                 "vlan": {"physical_network": "p", "segmentation_id": 7},
                 "vxlan": {}, "geneve": {}}

        def refused(method, path, mtu, fits, **more):
            reply = client.request(method, path, {
                "network": {"mtu": mtu, **more}})
            assert (reply.status, reply.type) == (400, "InvalidInput")
            assert reply.message == (
                "Invalid input for operation: Requested MTU is too big, "
                "maximum is %d." % fits), str(reply)

        def check(**mtu):
            for kind, wire in wires.items():
                wire = {"provider:" + k: v for k, v in dict(
                    wire, network_type=kind).items()}
                fits = mtu.get(kind, mtu["others"])
                net = client.create("network", wire)
                path = member("network", net["id"])
                assert net["mtu"] == fits, net
                refused("PUT", path, fits + 1, fits)
                assert client.update("network", net["id"],
                                     mtu=fits - 1)["mtu"] == fits - 1
                assert client.update("network", net["id"],
                                     mtu=fits)["mtu"] == fits
                client.remove("network", net["id"])
                refused("POST", collection("network"), fits + 1, fits, **wire)
                net = client.create("network", dict(wire, mtu=1280))
                assert net["mtu"] == 1280, net
                client.remove("network", net["id"])

        check(others=1500, vxlan=1450, geneve=1450)
        set_options(client, overlay_ip_version="6")
        check(others=1500, vxlan=1430, geneve=1430)
        set_options(client, overlay_ip_version="6", underlay_mtu="9000")
        check(others=9000, vxlan=8930, geneve=8930)

        # What a network has stays, and more is not asked of it.
        big = client.create("network", mtu=9000)["id"]
        set_options(client, underlay_mtu="1600")
        assert client.update("network", big, name="big")["mtu"] == 9000
        refused("PUT", member("network", big), 9000, 1600)

        set_options(client, underlay_mtu="9k")
        reply = client.post("/v2.0/networks", {"network": {}})
        assert reply.status == 503, str(reply)
        assert ("NB_Global option underlay-mtu: \"9k\" is not a number of "
                "bytes") in reply.message, str(reply)


@tap.case("overlays: VNIs are of the ranges, used up, and used again")
def overlays():
    with api() as client:
        lab = client.lab

        def set_ranges(text):
            set_options(client, vxlan_vni_ranges=text)

        def make(**more):
            return client.create("network", {
                "provider:network_type": "vxlan", **more})

        def vni(net):
            return net["provider:segmentation_id"]

        set_ranges("100:102,300:303")
        outside = make(**{"provider:segmentation_id": 7})
        assert vni(outside) == 7
        taken = make(**{"provider:segmentation_id": 301})
        made = client.bulk("network", [
            {"provider:network_type": "vxlan"} for _ in range(5)])
        made.append(make())
        assert sorted(map(vni, made)) == [100, 101, 102, 300, 302, 303]
        refused = 503, "NoNetworkAvailable"
        before = lab.nb.rows("Network")
        for body in ({"network": {"provider:network_type": "vxlan"}},
                     {"networks": [{}, {"provider:network_type": "vxlan"}]}):
            reply = client.post("/v2.0/networks", body)
            assert (reply.status, reply.type) == refused, str(reply)
            assert reply.message == (
                "Unable to create the network. No tenant network is "
                "available for allocation.")
        assert sorted(map(str, lab.nb.rows("Network"))) == sorted(
            map(str, before))

        for net in (taken, made[2]):
            client.remove("network", net["id"])
            assert vni(make()) == vni(net)

        # Many of them at once, by one request.
        set_ranges("1000:1999")
        many = client.bulk("network", [
            {"provider:network_type": "vxlan"} for _ in range(1000)])
        assert sorted(map(vni, many)) == [*range(1000, 2000)]

        set_ranges("9:5")
        reply = client.post("/v2.0/networks", {
            "network": {"provider:network_type": "vxlan"}})
        assert reply.status == 503, str(reply)
        assert ("NB_Global option vxlan-vni-ranges: the range 9:5 ends before "
                "it begins") in reply.message, str(reply)
        client.create("network", {"provider:network_type": "geneve"})


@tap.case("a port's addresses: what is asked for, kept, given back")
def addresses():
    with api() as client:
        net = client.create("network")["id"]
        four = client.create("subnet", network_id=net, cidr="10.0.0.0/24",
                             ip_version=4)["id"]
        six = client.create("subnet", network_id=net, cidr="2001:db8::/64",
                            ip_version=6)["id"]
        port = client.create("port", network_id=net)
        assert {f["subnet_id"] for f in port["fixed_ips"]} == {four, six}
        assert client.create("port", network_id=net,
                             fixed_ips=[])["fixed_ips"] == []

        def ips(fixed_ips):
            got = client.update("port", port["id"], fixed_ips=fixed_ips)
            return {f["ip_address"] for f in got["fixed_ips"]}

        before = {f["ip_address"] for f in port["fixed_ips"]}
        assert ips([{"subnet_id": four}, {"subnet_id": six}]) == before
        kept = [f for f in port["fixed_ips"] if f["subnet_id"] == four]
        old = kept[0]["ip_address"]
        assert ips(kept + [{"ip_address": "10.0.0.77"}]) == {old, "10.0.0.77"}
        assert ips([{"ip_address": "10.0.0.77"}]) == {"10.0.0.77"}
        # Outside the pool, but not outside the subnet.
        assert ips([{"ip_address": "10.0.0.1"}]) == {"10.0.0.1"}
        assert ips([{"ip_address": old}]) == {old}
        assert ips([]) == set()
        assert client.lab.nb.rows("IP_Allocation") == []


@tap.case("tags")
def tags():
    with api() as client:
        path = member("port", client.create(
            "port", network_id=client.create("network")["id"])["id"])

        def revision():
            return client.get(path).json["port"]["revision_number"]

        reply = client.put(path + "/tags", {"tags": ["b", "a", "a"]})
        assert (reply.status, reply.json) == (200, {"tags": ["a", "b"]})
        assert client.get(path + "/tags").json == {"tags": ["a", "b"]}
        assert client.get(path).json["port"]["tags"] == ["a", "b"]
        assert revision() == 2
        assert client.get(path + "/tags/a").status == 204
        assert client.get(path + "/tags/c").type == "TagNotFound"
        assert client.put(path + "/tags/c.json", None).status == 201
        assert client.put(path + "/tags/c.json", None).status == 201
        assert revision() == 3
        assert client.get(path + "/tags").json == {"tags": ["a", "b",
                                                            "c.json"]}
        assert client.delete(path + "/tags/a").status == 204
        assert client.delete(path + "/tags/a").type == "TagNotFound"
        assert client.delete(path + "/tags").status == 204
        assert client.get(path + "/tags").json == {"tags": []}
        for bad in ({}, [], {"tags": "a"}, {"tags": [1]}, {"tags": ["x" * 61]},
                    {"tags": ["t%d" % i for i in range(51)]},
                    {"tags": [], "port": {}}):
            assert client.put(path + "/tags", bad).status == 400, bad


@tap.case("who deleted what is in the database")
def deletions():
    with api() as client:
        net = client.create("network")["id"]
        subnet = client.create("subnet", network_id=net, cidr="10.0.0.0/24",
                               ip_version=4)["id"]
        client.remove("network", net)
        text = client.lab.nb.rows("NB_Global")[0]["last_deletion"]
        ids, comment = text.split(" by api: ")
        assert set(ids.split(",")) == {net, subnet}
        assert comment == "DELETE " + member("network", net)


tap.main()
