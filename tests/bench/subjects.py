# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The programs whose latency is compared.

Each subject has a bridge of its own on one ovs-vswitchd and is connected to
its database over TCP.  All of them run all the time; a subject is at work only
while its own rows are flipped.  flip() does that and returns Samples, by the
one observer that all share (toggle.c).

A subject's interface: `name`, `daemons`, start(n_ports), flip(n), memory(),
stop()."""

import collections
import subprocess

from lab import process, run, wait_until

from . import world

# Microseconds from sending the transaction to the reply, the first changed
# flow and the last, and the number of changes.
Sample = collections.namedtuple("Sample", "reply first last changes")

# One flip may take this long in the slowest subject.
FLIP_SECONDS = 30


def toggle(nb, bridge, rows, n, *options):
    """Flips `rows` `n` times in all and returns the Samples."""
    text = run([world.program("toggle"), "--toggles=%d" % n, *options, nb,
                bridge, *rows], timeout=FLIP_SECONDS * (n + 2))
    return [Sample(*map(float, line.split())) for line in text.splitlines()]


class Floor:
    """The minimal program: see floor.c.  The port it watches is not one of
    the agent's."""

    name = "floor"
    bridge = "br-floor"

    def __init__(self, lab, hypervisor, port):
        self.lab, self.hypervisor, self.port = lab, hypervisor, port
        self.daemons = []
        world.add_bridge(hypervisor, self.bridge)
        vif = world.plug(hypervisor, self.bridge, [port])[0]
        self.ofport = hypervisor.ofport(vif)

    def start(self, _n_ports):
        self.process = self.hypervisor.netns.popen(
            world.program("floor"), self.lab.nb.remote,
            world.mgmt(self.hypervisor, self.bridge), self.port, self.ofport,
            stderr=subprocess.PIPE)
        wait_until(self._has_flow, what="the floor's flow")

    def _has_flow(self):
        if self.process.poll() is not None:
            raise RuntimeError(self.process.stderr.read())
        return "in_port" in self.hypervisor.ofctl("dump-flows", self.bridge)

    def flip(self, n):
        return toggle(self.lab.nb.unix,
                      world.mgmt(self.hypervisor, self.bridge), [self.port],
                      n, "--revision=revision_number")

    def stop(self):
        process.kill(self.process.pid)
        self.process.communicate()


class Agent:
    """sluice-agent, with `ports` plugged."""

    name = "agent"

    def __init__(self, lab, hypervisor, ports):
        self.lab, self.hypervisor, self.ports = lab, hypervisor, ports
        self.daemons = [hypervisor.agent]
        world.add_bridge(hypervisor, hypervisor.bridge)
        world.plug(hypervisor, hypervisor.bridge, ports)

    def start(self, _n_ports):
        self.hypervisor.start_agent()
        wait_until(self._all_up, timeout=60, what="the ports to be bound")

    def _all_up(self):
        bindings = self.lab.nb.rows("Port_Binding", ["port", "up"])
        up = {b["port"][1] for b in bindings if b["up"]}
        return up.issuperset(self.ports)

    def flip(self, n):
        rows = ["%s/%s" % (p, world.cookie(p)) for p in self.ports]
        return toggle(self.lab.nb.unix,
                      world.mgmt(self.hypervisor, self.hypervisor.bridge),
                      rows, n, "--revision=revision_number")

    def memory(self):
        return world.memory(self.hypervisor.agent)

    def stop(self):
        self.hypervisor.agent.stop()
