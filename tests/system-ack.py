#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The acknowledgement is true: once --wait=hv has returned, no packet is
delivered any more, by the kernel's own time stamps."""

import os
import re
import time

from lab import Lab, tap, wait_until
from lab.process import WaitError

BROADCAST = "ff:ff:ff:ff:ff:ff"
STRANGERS = "06:00:00:00:00:00"

# How many flows the datapath has cached, in the cases that have many.  They
# are kept for IDLE_SECONDS without a packet.
MANY = 20000
FILL_PPS = 4000
IDLE_SECONDS = 120

PPS = 2000

# A pass over the datapath's flows begins every half second at the latest: what
# comes late comes in this time.
LATE_SECONDS = 0.6

# The same where there are many flows.
SLOW_PASS_SECONDS = 3


class Scene:
    """A hypervisor whose port a sends to b, and b to a: unicast, and
    broadcast."""

    def __init__(self, lab, columns=()):
        self.nb, self.hv = lab.nb, lab.add_hypervisor("hv1")
        self.nb.ctl("net-add", "blue")
        self.a, self.b = (self.hv.add_port("blue", name, columns=columns)
                          for name in "ab")
        self.late_seconds = LATE_SECONDS
        self.flows = [self.a.start_flow(self.b, pps=PPS),
                      self.b.start_flow(self.a, pps=PPS),
                      self.a.start_flow(self.b, pps=PPS // 4, mac=BROADCAST)]

    def toggle(self, down, up):
        """Shuts and opens; returns how long after the acknowledgement the
        last packet of each flow came, in ms, for those where it did."""
        for flow in self.flows:
            flow.wait_received(20, timeout=30)
        self.nb.ctl("--wait=hv", "--timeout=20", down, self.target(down))
        acknowledged = time.time_ns()
        sent = [flow.sent() for flow in self.flows]
        wait_until(lambda: self.flows[0].sent() >= sent[0]
                   + PPS * self.late_seconds, 30, "what comes late")
        late = [flow.report()["last_realtime_ns"] - acknowledged
                for flow in self.flows]
        self.nb.ctl("--wait=hv", "--timeout=20", up, self.target(up))
        return ["%.3f" % (ns / 1e6) for ns in late if ns > 0]

    @staticmethod
    def target(command):
        return {"port": "b", "net": "blue",
                "host": "hv1"}[command.split("-")[0]]

    def check(self, down, up, times):
        late = [self.toggle(down, up) for _ in range(times)]
        assert not any(late), "ms after the acknowledgement: %s" % [
            x for x in late if x]

    def cached(self):
        """Returns how many flows the datapath has cached."""
        text = self.hv.vswitchd.appctl("upcall/show")
        return int(re.search(r"current (\d+)", text).group(1))

    def await_full_cache(self):
        """Waits until the cache is full, or as full as a busy machine keeps
        it: where passes take long, flows with few packets are removed.  Less
        than half shows nothing, which is no fault of what is tested."""
        try:
            wait_until(lambda: self.cached() >= MANY, 15, "a full cache")
        except WaitError:
            cached = self.cached()
            tap.note("only %d flows stay cached here" % cached)
            if cached < MANY / 2:
                raise tap.Skip("only %d flows stay cached here" % cached)

    def fill_cache(self, source, sink):
        """Makes `source` send to MANY unknown addresses, behind `sink`, until
        the datapath has as many flows, and goes on so that it keeps them."""
        # Where a pass takes more than half as long as passes may be apart,
        # flows with few packets are removed rather than looked at.
        self.late_seconds = SLOW_PASS_SECONDS
        self.hv.vsctl("set", "Open_vSwitch", ".",
                      "other_config:max-idle=%d" % (IDLE_SECONDS * 1000),
                      "other_config:max-revalidator=%d" % (
                          SLOW_PASS_SECONDS * 1000))
        self.hv.vswitchd.appctl("upcall/set-flow-limit", str(5 * MANY))
        options = {"mac": STRANGERS, "vary": "dst-mac", "flows": MANY}
        first = source.start_flow(sink, pps=FILL_PPS, **options)
        wait_until(lambda: self.cached() >= MANY, 120, "a full cache")
        first.sender.stop()
        return source.start_flow(sink, pps=2 * MANY // IDLE_SECONDS,
                                 **options)


def case(what, down, up, times=15):
    @tap.case("after %s no packet is delivered (%s)" % (down, what),
              timeout=120)
    def few():
        with Lab() as lab:
            scene = Scene(lab)
            scene.check(down, up, times)
            assert "proven" in scene.hv.agent.appctl("status")


case("a few cached flows", "port-disable", "port-enable")
case("a few cached flows", "net-disable", "net-enable")
case("a few cached flows", "host-disable", "host-enable")


@tap.case("after port-disable no packet is delivered (20,000 cached flows)",
          timeout=300)
def many():
    with Lab() as lab:
        scene = Scene(lab)
        lab.nb.ctl("net-add", "noise")
        loud, sink = (scene.hv.add_port(
            "noise", name, columns=["port_security_enabled=false"])
            for name in ("loud", "sink"))
        scene.fill_cache(loud, sink)
        for _ in range(6):
            scene.await_full_cache()
            scene.check("port-disable", "port-enable", 1)


@tap.case("after port-disable no packet is delivered (20,000 own flows)",
          timeout=300)
def many_own():
    with Lab() as lab:
        scene = Scene(lab, columns=["port_security_enabled=false"])
        scene.flows.append(scene.fill_cache(scene.a, scene.b))
        for _ in range(3):
            scene.await_full_cache()
            scene.check("port-disable", "port-enable", 1)
            scene.await_full_cache()
            scene.check("net-disable", "net-enable", 1)


@tap.case("a toggle each way at once, acknowledged as a whole")
def quick():
    with Lab() as lab:
        scene = Scene(lab)
        for _ in range(20):
            scene.nb.ctl("port-disable", "b")
            scene.nb.ctl("port-enable", "b")
        scene.check("port-disable", "port-enable", 5)


@tap.case("the acknowledgement is true while ovs-vswitchd cannot be asked",
          timeout=120)
def blind():
    with Lab() as lab:
        scene = Scene(lab)
        agent, pidfile = scene.hv.agent, scene.hv.vswitchd.pidfile
        # The agent finds its control socket by its pid file.
        agent.stop()
        os.rename(pidfile, pidfile + ".away")
        agent.start()
        scene.hv.wait_in_step()
        scene.check("port-disable", "port-enable", 5)
        assert "proven" not in agent.appctl("status")
        os.rename(pidfile + ".away", pidfile)
        scene.check("port-disable", "port-enable", 5)
        assert "proven" in agent.appctl("status")


@tap.case("ovs-vswitchd restarted: its new datapath is asked")
def vswitchd_restarted():
    with Lab() as lab:
        scene = Scene(lab)
        scene.check("port-disable", "port-enable", 2)
        scene.hv.vswitchd.restart()
        scene.hv.wait_in_step()
        scene.check("port-disable", "port-enable", 5)
        assert "proven" in scene.hv.agent.appctl("status")


tap.main()
