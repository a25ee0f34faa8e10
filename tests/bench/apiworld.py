# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Networks, subnets and ports with addresses, as the API would make them, but
by bare transactions: what the API is measured on, and its floor."""

import itertools
import json
import uuid

from lab.northbound import DATABASE

from . import world

STAMP = "2026-01-01T00:00:00Z"


class Tenants:
    """Ports with addresses in the northbound database `nb`, ever more of
    them.  `ports` has their UUIDs."""

    def __init__(self, nb):
        self.client = nb.client()
        self.numbers = itertools.count()
        self.macs = itertools.count()
        self.ports = []

    def add_network(self, prefix_length=24):
        """Adds a network with an IPv4 subnet and returns both as a Net."""
        net = Net(next(self.numbers), prefix_length)
        self.client.transact(*net.inserts())
        return net

    def grow(self, n_ports):
        """Adds networks of world.PORTS_PER_NETWORK ports until there are
        `n_ports`."""
        while len(self.ports) < n_ports:
            net = self.add_network()
            n = min(world.PORTS_PER_NETWORK, n_ports - len(self.ports))
            self.ports += self.add_ports(net, n)

    def add_ports(self, net, n):
        """Adds `n` ports to `net` and returns their UUIDs."""
        ports, operations = [], []
        for _ in range(n):
            port, inserts = self.port(net)
            ports.append(port)
            operations += inserts
        self.client.transact(*operations)
        return ports

    def port(self, net):
        """Returns the UUID of a new port and the operations that insert it
        with its address."""
        port, allocation = str(uuid.uuid4()), str(uuid.uuid4())
        return port, [
            insert("IP_Allocation", allocation, subnet=["uuid", net.subnet],
                   ip_address=net.next_address()),
            insert("Port", port, network=["uuid", net.id], name="port",
                   admin_state_up=True, mac_address=world.mac(next(self.macs)),
                   vnic_type="normal", revision_number=1, created_at=STAMP,
                   updated_at=STAMP, updated_by="bench",
                   ip_allocations=["set", [["uuid", allocation]]])]

    def remove_ports(self, net):
        """Removes the ports of `net`."""
        self.client.transact({"op": "delete", "table": "Port", "where": [
            ["network", "==", ["uuid", net.id]]]})


class Net:
    """A network and its subnet, by UUID: the `number`th part of 10/8 or, if
    it is larger than a /24, one that is not of these."""

    def __init__(self, number, prefix_length):
        self.id, self.subnet = str(uuid.uuid4()), str(uuid.uuid4())
        self.prefix_length = prefix_length
        self.base = (10 << 24) + (number << 8)
        if prefix_length < 24:
            self.base = (100 << 24) + (number % 128 << 16)
        self.hosts = itertools.count(2)

    def next_address(self):
        return ip(self.base + next(self.hosts))

    def inserts(self):
        last = self.base + (1 << 32 - self.prefix_length) - 2
        common = {"revision_number": 1, "created_at": STAMP,
                  "updated_at": STAMP, "updated_by": "bench"}
        return [insert("Network", self.id, name="net", admin_state_up=True,
                       mtu=1500, **common),
                insert("Subnet", self.subnet, network=["uuid", self.id],
                       ip_version=4, enable_dhcp=True,
                       cidr="%s/%d" % (ip(self.base), self.prefix_length),
                       gateway_ip=ip(self.base + 1),
                       allocation_pools="%s-%s" % (ip(self.base + 2),
                                                   ip(last)), **common)]


def ip(number):
    return ".".join(str(b) for b in number.to_bytes(4, "big"))


def insert(table, row_uuid, **row):
    return {"op": "insert", "table": table, "uuid": row_uuid, "row": row}


def row_is(row_uuid):
    return [["_uuid", "==", ["uuid", row_uuid]]]


def transaction(*operations):
    """A line for ovsdb-load."""
    return json.dumps([DATABASE, *operations])


def http_get(port):
    return "GET /v2.0/ports/%s" % port


def ovsdb_get(port):
    return transaction({"op": "select", "table": "Port",
                        "where": row_is(port)})


def http_list(net):
    return "GET /v2.0/ports?network_id=%s" % net.id


def ovsdb_list(net):
    return transaction({"op": "select", "table": "Port", "where": [
        ["network", "==", ["uuid", net.id]]]})


def http_create(net):
    return "POST /v2.0/ports " + json.dumps(
        {"port": {"network_id": net.id, "name": "port"}})


def http_toggle(port, up):
    return "PUT /v2.0/ports/%s %s" % (port, json.dumps(
        {"port": {"admin_state_up": up}}))


def ovsdb_toggle(port, up, revision):
    return transaction({"op": "update", "table": "Port",
                        "where": row_is(port),
                        "row": {"admin_state_up": up,
                                "revision_number": revision}})
