#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What the Networking API refuses: status, type, and a message that names
what is wrong.  Nothing that is refused changes anything."""

import contextlib

from lab import Lab, tap
from lab.rest import collection, member

NOBODY = "00000000-0000-0000-0000-000000000000"

BAD, INPUT = (400, "HTTPBadRequest"), (400, "InvalidInput")


class World:
    """A network with a subnet and two ports, and others to collide with."""

    def __init__(self, lab, client):
        self.nb, self.client = lab.nb, client
        self.net = client.create("network", name="blue")["id"]
        self.sub = client.create("subnet", network_id=self.net, ip_version=4,
                                 cidr="10.0.0.0/24")["id"]
        self.port = client.create(
            "port", network_id=self.net, mac_address="fa:16:3e:00:00:01",
            fixed_ips=[{"ip_address": "10.0.0.9"}])["id"]
        self.other = client.create("port", network_id=self.net)["id"]
        self.bare = client.create("network", name="bare")["id"]
        self.red = client.create("network", name="red")["id"]
        self.redsub = client.create("subnet", network_id=self.red,
                                    ip_version=4, cidr="10.5.0.0/24")["id"]
        client.create("network", {"provider:network_type": "vlan",
                                  "provider:physical_network": "p",
                                  "provider:segmentation_id": 150})
        client.create("network", {"provider:network_type": "flat",
                                  "provider:physical_network": "p"})
        client.create("network", {"provider:network_type": "vxlan",
                                  "provider:segmentation_id": 5})
        # Full: one address, and it is given.
        self.full = client.create("network")["id"]
        client.create("subnet", network_id=self.full, ip_version=4,
                      cidr="10.6.0.0/24", allocation_pools=[
                          {"start": "10.6.0.5", "end": "10.6.0.5"}])
        client.create("port", network_id=self.full)

    def state(self):
        return [sorted(map(repr, self.nb.rows(t))) for t in (
            "Network", "Segment", "Subnet", "Port", "IP_Allocation", "Host")]

    def check(self, expected, word, method, path, body=None):
        """A request is refused with the status and type `expected`, and
        `word` is in its message."""
        before = self.state()
        reply = self.client.request(method, path, body)
        assert (reply.status, reply.type) == expected, (body, str(reply))
        assert word in reply.message, (word, str(reply))
        assert set(reply.error) == {"type", "message", "detail"}
        assert self.state() == before

    def post(self, kind, expected, word, attributes=(), **more):
        self.check(expected, word, "POST", collection(kind),
                   {kind: dict(attributes, **more)})

    def put(self, kind, id, expected, word, attributes=(), **more):
        self.check(expected, word, "PUT", member(kind, id),
                   {kind: dict(attributes, **more)})


@contextlib.contextmanager
def world():
    with Lab() as lab, lab.add_notifier().client() as client:
        yield World(lab, client)


@tap.case("what is not there")
def not_there():
    with world() as w:
        for kind in ("network", "subnet", "port", "agent"):
            error = 404, kind.capitalize() + "NotFound"
            for id in (NOBODY, "blue", "x" * 500, NOBODY + "0", "%20"):
                for method, body in (("GET", None), ("DELETE", None),
                                     ("PUT", {kind: {}})):
                    w.check(error, "could not be found", method,
                            member(kind, id), body)
        path = member("port", w.port) + "/tags"
        w.check((404, "TagNotFound"), "red", "GET", path + "/red")
        w.check((404, "TagNotFound"), "red", "DELETE", path + "/red")
        w.check((404, "PortNotFound"), NOBODY, "GET",
                member("port", NOBODY) + "/tags")
        w.check((404, "HTTPNotFound"), "", "GET", "/v2.0/routers")
        w.check((405, "HTTPMethodNotAllowed"), "DELETE", "DELETE",
                "/v2.0/ports")

        w.post("port", (404, "NetworkNotFound"), NOBODY, network_id=NOBODY)
        w.post("subnet", (404, "NetworkNotFound"), NOBODY, network_id=NOBODY,
               ip_version=4, cidr="10.0.0.0/24")
        w.post("port", (404, "SubnetNotFound"), NOBODY, network_id=w.net,
               fixed_ips=[{"subnet_id": NOBODY}])


@tap.case("bodies that are none, attributes that cannot be")
def bodies():
    with world() as w:
        path = collection("network")
        for body in ("", "{", "[]", "7", "null", '"x"', "{}", "\0",
                     '{"network": {}, "network": {}}', '{"net": {}}',
                     '{"network": []}', '{"networks": {}}',
                     '{"networks": [7]}', '{"network": {"name": "a\\u0000"}}',
                     '{"network": {"name": "x"}', b'{"network": "\xff"}',
                     '{"network": {}} x', "[" * 100000):
            w.check(BAD, "", "POST", path, body)
        for word, attributes in (
                ("color", {"color": "blue"}), ("id", {"id": NOBODY}),
                ("status", {"status": "DOWN"}), ("name", {"name": 7}),
                ("name", {"name": "x" * 256}), ("name", {"name": None}),
                ("revision_number", {"revision_number": 1}),
                ("port_security_enabled", {"port_security_enabled": True}),
                ("mtu", {"mtu": "much"}), ("mtu", {"mtu": 10}),
                ("mtu", {"mtu": 70000})):
            w.post("network", BAD, word, attributes)
            w.put("network", w.net, BAD, word, attributes)
        w.post("network", INPUT, "maybe", admin_state_up="maybe")
        w.post("port", BAD, "network_id")
        w.post("port", BAD, "network_id", network_id="blue")
        w.post("port", BAD, "security_groups", network_id=w.net,
               security_groups=[])
        w.post("port", BAD, "allowed_address_pairs", network_id=w.net,
               allowed_address_pairs=[])
        w.post("port", BAD, "mac_address", network_id=w.net,
               mac_address="fa:16")
        w.post("port", BAD, "mac_address", network_id=w.net,
               mac_address="01:00:5e:00:00:01")
        w.put("port", w.port, BAD, "network_id", network_id=w.red)
        w.put("subnet", w.sub, BAD, "cidr", cidr="10.9.0.0/24")
        for query in ("?wait=forever", "?wait=applied&timeout=x",
                      "?timeout=-1", "?timeout=301", "?name=x"):
            w.check(BAD, "", "PUT", member("port", w.port) + query,
                    {"port": {"name": "x"}})


@tap.case("networks: provider attributes, wires in use, ports in use")
def networks():
    with world() as w:
        def provider(expected, word, type, physnet=None, id=None):
            attributes = {"provider:network_type": type,
                          "provider:physical_network": physnet,
                          "provider:segmentation_id": id}
            w.post("network", expected, word, {
                k: v for k, v in attributes.items() if v is not None})

        provider(INPUT, "segmentation_id", "vlan", "p")
        provider(INPUT, "4095", "vlan", "p", 4095)
        provider(INPUT, "physical_network", "vlan", None, 7)
        provider(INPUT, "physical_network", "flat")
        provider(INPUT, "segmentation_id", "flat", "p", 7)
        provider(INPUT, "physical_network", "vxlan", "p", 7)
        provider(INPUT, "segmentation_id", "vxlan", None, 2 ** 24)
        provider(INPUT, "physical_network", "local", "p")
        provider(INPUT, "segmentation_id", None, None, 7)
        w.post("network", BAD, "network_type", {"provider:network_type": "x"})
        provider((409, "VlanIdInUse"), "150", "vlan", "p", 150)
        provider((409, "FlatNetworkInUse"), "p", "flat", "p")
        provider((409, "TunnelIdInUse"), "5", "vxlan", None, 5)
        w.put("network", w.net, BAD, "provider:segmentation_id",
              {"provider:segmentation_id": 7})
        for port in (w.port, w.other):
            w.check((409, "NetworkInUse"), port, "DELETE",
                    member("network", w.net))
        w.check((409, "SubnetInUse"), w.sub, "DELETE", member("subnet", w.sub))


@tap.case("subnets: cidr, gateway, pools")
def subnets():
    with world() as w:
        def subnet(expected, word, cidr="10.1.0.0/24", ip_version=4, **more):
            w.post("subnet", expected, word, network_id=w.net, cidr=cidr,
                   ip_version=ip_version, **more)

        def pools(expected, word, *ranges):
            texts = [{"start": "10.1.0." + a, "end": "10.1.0." + b}
                     for a, b in ranges]
            subnet(expected, word, allocation_pools=texts)

        subnet(BAD, "cidr", "10.1.0.0")
        subnet(BAD, "cidr", "10.1.0.0/33")
        subnet(INPUT, "2001:db8::/64", "2001:db8::/64")
        subnet(INPUT, "10.1.0.0/24", ip_version=6)
        subnet(BAD, "ip_version", ip_version=5)
        subnet(INPUT, "overlap", "10.0.0.0/16")
        subnet(INPUT, "overlap", "10.0.0.128/25")
        subnet(BAD, "gateway_ip", gateway_ip="x")
        subnet((409, "GatewayConflictWithAllocationPools"), "10.1.0.5",
               gateway_ip="10.1.0.5", allocation_pools=[
                   {"start": "10.1.0.2", "end": "10.1.0.9"}])
        pools((409, "OverlappingAllocationPools"), "", ("2", "9"), ("9", "20"))
        pools((400, "OutOfBoundsAllocationPool"), "10.1.0.255",
              ("250", "255"))
        pools((400, "InvalidAllocationPool"), "", ("9", "2"))
        subnet(BAD, "dns_nameservers", dns_nameservers=["x"])
        subnet(BAD, "host_routes", host_routes=[{"destination": "x",
                                                 "nexthop": "10.1.0.1"}])
        w.put("subnet", w.sub, (409, "GatewayConflictWithAllocationPools"),
              "10.0.0.5", gateway_ip="10.0.0.5")
        w.put("subnet", w.sub, (400, "OutOfBoundsAllocationPool"), "10.1.0.5",
              allocation_pools=[{"start": "10.1.0.5", "end": "10.1.0.6"}])


@tap.case("ports: addresses")
def ports():
    with world() as w:
        def fixed(expected, word, network=w.net, **ask):
            w.post("port", expected, word, network_id=network,
                   fixed_ips=[ask])

        fixed((409, "IpAddressAlreadyAllocated"), "10.0.0.9",
              ip_address="10.0.0.9")
        fixed((400, "InvalidIpForSubnet"), "10.9.0.1", subnet_id=w.sub,
              ip_address="10.9.0.1")
        fixed((400, "InvalidIpForNetwork"), "10.9.0.1", ip_address="10.9.0.1")
        fixed(INPUT, "requires subnets", w.bare, ip_address="10.0.0.7")
        fixed(INPUT, w.redsub, subnet_id=w.redsub)
        fixed(BAD, "fixed_ips", ip_address="x")
        fixed(BAD, "fixed_ips", color="blue")
        w.post("port", BAD, "fixed_ips", network_id=w.net, fixed_ips="x")
        w.post("port", (409, "IpAddressGenerationFailure"), w.full,
               network_id=w.full)
        w.post("port", (409, "MacAddressInUse"), "fa:16:3e:00:00:01",
               network_id=w.net, mac_address="FA:16:3E:00:00:01")
        w.put("port", w.other, (409, "MacAddressInUse"), "fa:16:3e:00:00:01",
              mac_address="fa:16:3e:00:00:01")
        w.put("port", w.other, (409, "IpAddressAlreadyAllocated"), "10.0.0.9",
              fixed_ips=[{"ip_address": "10.0.0.9"}])

        # On another network both are free.
        w.client.create("port", network_id=w.bare,
                        mac_address="fa:16:3e:00:00:01")


tap.main()
