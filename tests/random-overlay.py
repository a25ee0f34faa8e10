#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Ports that come, go and move on overlays of three hypervisors, in any order
and all at once, while agents and switches are restarted; at quiet points who
reaches whom is held against what was done.

A failure prints the seed, and SLUICE_SEED=SEED does the same operations again;
SLUICE_STEPS says how many series of them.  What the daemons do meanwhile is
up to them: a race may need several runs."""

import os
import random

from lab import Lab, tap, wait_until
from lab.overlay import Scene

SEED = int(os.environ.get("SLUICE_SEED") or random.SystemRandom().getrandbits(
    32))
N_STEPS = int(os.environ.get("SLUICE_STEPS", 30))

# Seconds: far more than it takes on a slow machine, under sanitizers.
TIMEOUT = 120 + 10 * N_STEPS

BROADCAST = "ff:ff:ff:ff:ff:ff"
N_HOSTS, N_PORTS = 3, 3
NETWORKS = {"vx": "vxlan", "ge": "geneve"}

# How many operations follow each other until things come to rest, at most.
MAX_SERIES = 6


class Run:
    """Each port has a VM on each hypervisor, vx-1a, vx-1b and vx-1c, which are
    plugged and unplugged; the port is that of one of those that are.
    Addresses are the same on both networks."""

    def __init__(self, lab, seed):
        self.rng = random.Random(seed)
        self.scene, self.nb = Scene(lab, hosts=N_HOSTS), lab.nb
        self.up = dict.fromkeys(NETWORKS, True)
        self.host, self.copies = {}, {}     # By port's name.
        self.plugged = set()                # Names of VMs.
        self.past = []
        for network, kind in NETWORKS.items():
            self.scene.declare(network, kind, 100)
            for number in range(1, N_PORTS + 1):
                self._declare("%s-%d" % (network, number),
                              "0a:11:00:00:00:%02x" % number)
        self.at_first = [hv.flows() for hv in self.scene.hvs]

    def _declare(self, port, mac):
        uuid = self.nb.ctl("port-add", port.rpartition("-")[0], port,
                           "mac_address=\"%s\"" % mac)
        self.host[port], self.copies[port] = "", []
        for letter, hv in zip("abc", self.scene.hvs):
            vm = hv.add_vm(port + letter, mac)
            vm.port = uuid
            self.scene.vms[vm.name] = vm
            self.copies[port].append(vm.name)

    # Operations.

    def operate(self):
        operations = [(self.toggle, 10), (self.move, 5), (self.announce, 4),
                      (self.net_state, 2), (self.restart_agent, 3),
                      (self.restart_switch, 0.3)]
        choose, = self.rng.choices([o for o, _ in operations],
                                   [w for _, w in operations])
        choose()

    def toggle(self):
        name = self.rng.choice(sorted(self.scene.vms))
        if name in self.plugged:
            self.unplug(name)
        else:
            self.plug(name)

    def move(self):
        """Like a migration, also to where it is already."""
        port = self.rng.choice(sorted(self.copies))
        to = self.rng.choice(self.copies[port])
        if self.rng.random() < 0.5:
            self.set_host(port, self.scene.vms[to].hypervisor.name)
        if to not in self.plugged:
            self.plug(to)
        for name in self.copies[port]:
            if name != to and name in self.plugged:
                self.unplug(name)

    def announce(self):
        self.set_host(self.rng.choice(sorted(self.host)), self.rng.choice(
            ["", "hv-elsewhere"] + [hv.name for hv in self.scene.hvs]))

    def net_state(self):
        network = self.rng.choice(sorted(self.up))
        self.up[network] = not self.up[network]
        self._did("net %s is %s", network, self.up[network])
        self.nb.ctl("net-enable" if self.up[network] else "net-disable",
                    network)

    def restart_agent(self):
        """Things go on in its absence."""
        hv = self.rng.choice(self.scene.hvs)
        if not hv.agent.pid:
            return
        end = self.rng.choice(["stop", "kill9"])
        self._did("%s agent of %s", end, hv.name)
        getattr(hv.agent, end)()
        for _ in range(self.rng.randrange(4)):
            self.operate()
        self._did("start agent of %s", hv.name)
        hv.agent.start()

    def restart_switch(self):
        hv = self.rng.choice(self.scene.hvs)
        self._did("kill switch of %s", hv.name)
        hv.vswitchd.kill9()
        hv.vswitchd.start()
        self.scene.underlay.restore(hv)

    def plug(self, name):
        self._did("plug %s", name)
        self.plugged.add(name)
        self.scene.plug(name)

    def unplug(self, name):
        self._did("unplug %s", name)
        self.plugged.remove(name)
        self.scene.unplug(name)

    def set_host(self, port, host):
        self._did("host of %s is '%s'", port, host)
        self.host[port] = host
        self.nb.ctl("set", "Port", port, "host=\"%s\"" % host)

    def _did(self, text, *args):
        self.past.append(text % args)

    # Quiet points.

    def settle(self):
        """Waits until everything is as it has to be, and checks that it stays
        so."""
        wait_until(lambda: not self._wrong_claims(), 30,
                   "the claims to follow")
        groups = self._groups()
        self.scene.wait(*groups, timeout=30)
        for hv in self.scene.hvs:
            hv.wait_in_step()
        wait_until(self._locations_right, what="the networks' locations")
        self.scene.check(*groups)
        if any(groups):
            self._check_broadcast(self.rng.choice(sum(groups, [])))
        assert not self._wrong_claims()

    def _claims(self):
        """Returns the claims of hypervisors, by port's name."""
        claims = {port: {} for port in self.copies}
        names = {self.scene.vms[copies[0]].port: port
                 for port, copies in self.copies.items()}
        for row in self.nb.rows("Port_Location"):
            claims[names[row["port"][1]]][row["host"]] = row["claim"]
        return claims

    def _wrong_claims(self):
        return [port for port, claims in self._claims().items()
                if sorted(claims) != self._hosts_of(port)
                or self.host[port] in claims
                and holder(claims) != self.host[port]]

    def _hosts_of(self, port):
        return sorted(self.scene.vms[name].hypervisor.name
                      for name in self.copies[port] if name in self.plugged)

    def _groups(self):
        """Returns the names of those that should reach each other."""
        groups = {network: [] for network in NETWORKS}
        for port, claims in self._claims().items():
            network = port.rpartition("-")[0]
            groups[network] += [
                name for name in self.copies[port] if claims
                and self.scene.vms[name].hypervisor.name == holder(claims)]
        return [sorted(names) for network, names in groups.items()
                if self.up[network]]

    def _locations_right(self):
        """A hypervisor is told of to others if it has a port that it holds;
        if it has none, it may be, as long as one is plugged."""
        for network in NETWORKS:
            claims = {p: c for p, c in self._claims().items()
                      if p.rpartition("-")[0] == network}
            must = {holder(c) for c in claims.values() if c}
            may = {host for c in claims.values() for host in c}
            if not must <= self.scene.locations(network).keys() <= may:
                return False
        return True

    def _check_broadcast(self, name):
        """A broadcast goes out once for each other hypervisor and in once
        there, and comes back to none."""
        network = name.rpartition("-")[0]
        own = self.scene.vms[name].hypervisor.name
        there = self.scene.locations(network)
        others = [hv.name for hv in self.scene.hvs
                  if hv.name in there and hv.name != own]
        crossing = self.scene.crossing(name, BROADCAST)
        assert crossing == [len(others) if hv.name == own
                            else int(hv.name in others)
                            for hv in self.scene.hvs], (name, crossing, there)

    def leave(self):
        """Everything goes, and leaves nothing behind."""
        for port in self.host:
            self.set_host(port, "")
        for name in sorted(self.plugged):
            self.unplug(name)
        for hv, flows in zip(self.scene.hvs, self.at_first):
            wait_until(lambda: hv.flows() == flows,
                       what="%s to be as at first" % hv.name)
        for table in ("Port_Location", "Network_Location"):
            wait_until(lambda: not self.nb.rows(table), what="no " + table)


def holder(claims):
    return max(claims, key=lambda host: (claims[host], host))


@tap.case("ports come, go and move on overlays at random", timeout=TIMEOUT)
def at_random():
    tap.note("SLUICE_SEED=%d" % SEED)
    with Lab() as lab:
        run = Run(lab, SEED)
        try:
            for _ in range(N_STEPS):
                for _ in range(run.rng.randrange(1, MAX_SERIES + 1)):
                    run.operate()
                run.settle()
                run.past.append("settled")
            run.leave()
        except BaseException:
            tap.note("\n".join(run.past[-40:]))
            tap.note("SLUICE_SEED=%d" % SEED)
            # Of whom nobody answers that is the reason.
            lab.check_alive()
            raise
    tap.note("%d operations" % len(run.past))


tap.main()
