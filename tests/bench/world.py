# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What is measured, set up in a laboratory: a northbound database with many
ports and one hypervisor that hosts few of them."""

import os
import time
import uuid

from lab import paths, run, wait_until

# Ports of one network, as many as a small tenant has.
PORTS_PER_NETWORK = 100

# Rows inserted in one transaction: large enough to be fast, small enough not
# to hold the server for long.
BATCH = 2000

# A daemon is idle when all of them together use less than this share of a
# processor over the time looked at.
IDLE_SHARE = 0.05
IDLE_SECONDS = 0.2
IDLE_TIMEOUT = 300

PLUG_BATCH = 200


def build_programs():
    """Makes the programs of the benchmarks in the build directory."""
    run(["make", "-C", paths.BUILDDIR, "bench-programs"], timeout=600)


def program(name):
    return paths.program(os.path.join("tests/bench", name))


def mgmt(hypervisor, bridge):
    """Returns the remote of a bridge's management socket."""
    return "unix:%s/%s.mgmt" % (hypervisor.dir, bridge)


def add_bridge(hypervisor, bridge, fail_mode="secure"):
    """Makes a bridge, by default one without flows."""
    hypervisor.vsctl("--may-exist", "add-br", bridge, "--", "set", "Bridge",
                     bridge, "datapath_type=netdev", "fail_mode=" + fail_mode)


def plug(hypervisor, bridge, iface_ids):
    """Plugs one interface for each of `iface_ids` into `bridge` and returns
    their names.  They are patch ports that lead nowhere: they have an
    OpenFlow port each, and thousands of them cost the datapath nothing."""
    names = ["%s.%d" % (bridge, i) for i in range(len(iface_ids))]
    commands = [["--", "add-port", bridge, name, "--", "set", "Interface",
                 name, "type=patch", "options:peer=%s-peer" % name,
                 "external_ids:iface-id=" + iface_id]
                for name, iface_id in zip(names, iface_ids)]
    for i in range(0, len(commands), PLUG_BATCH):
        hypervisor.vsctl(*sum(commands[i:i + PLUG_BATCH], []))
    return names


def cookie(port):
    """The cookie of a port's flows: the first 64 bits of its UUID."""
    return port.replace("-", "")[:16]


def mac(number):
    return "02:" + ":".join("%02x" % b for b in number.to_bytes(5, "big"))


def await_idle(daemons):
    """Waits until `daemons` have nothing left to do."""
    def idle():
        before = sum(d.cpu_seconds() for d in daemons)
        time.sleep(IDLE_SECONDS)
        used = sum(d.cpu_seconds() for d in daemons) - before
        return used < IDLE_SECONDS * IDLE_SHARE
    wait_until(idle, IDLE_TIMEOUT, "the daemons to have nothing to do")


def memory(daemon):
    """Returns the daemon's resident memory and how much of that is its own
    (anonymous), both in kB.  The rest are pages of the program's file, of
    which the kernel keeps more or fewer as it likes."""
    values = {}
    with open("/proc/%d/status" % daemon.pid) as f:
        for line in f:
            key, _, value = line.partition(":")
            values[key] = value.split()
    return int(values["VmRSS"][0]), int(values["RssAnon"][0])


class Intent:
    """Ports in the northbound database `nb`, ever more of them."""

    def __init__(self, nb):
        self.client = nb.client()
        self.n_ports = 0

    def add_network(self, hosts):
        """Adds a network with one port for each of `hosts`.  Returns the
        network's UUID and the ports'."""
        network = str(uuid.uuid4())
        ports = [str(uuid.uuid4()) for _ in hosts]
        operations = [_insert("Network", network, admin_state_up=True,
                              name="net-" + network[:8])]
        for port, host in zip(ports, hosts):
            operations.append(_insert(
                "Port", port, network=["uuid", network], admin_state_up=True,
                name="port%d" % self.n_ports, mac_address=mac(self.n_ports),
                port_security_enabled=True, host=host))
            self.n_ports += 1
        for i in range(0, len(operations), BATCH):
            self.client.transact(*operations[i:i + BATCH])
        return network, ports

    def grow(self, n_ports, host="elsewhere"):
        """Adds networks with ports at another hypervisor until there are
        `n_ports`."""
        while self.n_ports < n_ports:
            n = min(PORTS_PER_NETWORK, n_ports - self.n_ports)
            self.add_network([host] * n)


def _insert(table, row_uuid, **row):
    return {"op": "insert", "table": table, "uuid": row_uuid, "row": row}
