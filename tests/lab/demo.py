# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""./dev demo: what Sluice does, shown with real packets and measured.

Whatever it prints was measured in this run; what it claims it checks, and
fails when it is not so."""

import argparse
import contextlib
import shlex
import sys
import time

from . import curl, declare, process, scene, tap
from .lab import Lab, LabError

# Fine enough to tell when a flow stopped to a fifth of a millisecond.
PPS = 5000

PING_TIMEOUT = 0.3


class DemoError(Exception):
    """Something that Sluice promises was not so."""


def main():
    argparse.ArgumentParser(prog="./dev demo", description=__doc__
                            ).parse_args()
    tap.catch_signals()
    try:
        with Lab() as lab:
            play(lab)
    except (KeyboardInterrupt, tap.Interrupted):
        print("interrupted; everything is ended and removed")
        sys.exit(tap.INTERRUPTED_STATUS)
    except (DemoError, LabError, process.CommandError,
            process.WaitError) as e:
        sys.exit("demo failed: %s" % e)
    print("All is ended and removed.  To go on by hand: ./dev sandbox")


def play(lab):
    print("\nTwo hypervisors, each with its own Open vSwitch and sluice-agent;"
          "\nVMs are network namespaces, packets are real.\n")
    print(scene.PICTURE)
    started = time.monotonic()
    notifier = lab.add_notifier()
    with declare.through(notifier, say=heading_line) as api:
        heading("Networks and ports, by the OpenStack Networking API")
        vms = scene.build(lab, api)
        print("\n   up in %.1f s" % (time.monotonic() - started))

        show_connectivity(vms)
        show_api_disable(lab, notifier, api, vms["blue1"], vms["blue2"])
        show_port_enable(lab, vms["blue1"], vms["blue2"])
        show_port_disable(lab, vms["blue1"], vms["blue2"])
    show_tunnels(lab)
    show_net_disable(lab, "green", [vms["green%d" % i] for i in (1, 2, 3)],
                     told=["hv2"])
    show_net_disable(lab, "amber", [vms["amber1"], vms["amber2"]],
                     told=["hv1", "hv2"])
    print()


def show_connectivity(vms):
    heading("Who reaches whom")
    for a, b, expected, remark in (
            ("blue1", "blue2", 3, "one hypervisor"),
            ("red1", "red2", 3, "across the wire, in VLAN 100"),
            ("amber1", "amber2", 3, "in a tunnel, VXLAN"),
            ("green1", "green3", 3, "one hypervisor"),
            ("blue1", "red1", 0, "other networks, one subnet: apart"),
            ("red1", "amber2", 0, "likewise")):
        got = vms[a].ping(vms[b], timeout=PING_TIMEOUT)
        print("   %-18s %d of 3 pings answered   (%s)" % (
            "%s -> %s" % (a, b), got, remark))
        check(got == expected, "%s -> %s: %d pings answered, not %d" % (
            a, b, got, expected))


def show_api_disable(lab, notifier, api, a, b):
    """By the API, with a listener beside it."""
    events = curl.CurlEvents(notifier, "resource=port&id=" + b.port)
    heading("$ " + events.command)
    flow = a.start_flow(b, pps=PPS)
    flow.wait_received(PPS // 2)
    watcher = lab.nb.watch({"Port": ["admin_state_up"]})
    try:
        print()
        api.disable(b.name)
        told, lines = events.wait_event("updated")
        applied, _ = events.wait_event("applied")
        committed = watcher.times[0][0]
    finally:
        watcher.close()
        events.close()
    report = flow.stop()
    for line in lines:
        print("   | " + (line if len(line) <= 70 else line[:67] + "..."))
    print("   last packet        %s after the database had it "
          "(of %d packets/s)" % (ms(report["last_monotonic_ns"] - committed),
                                 PPS))
    print("   event updated      %s after it" % ms(told - committed))
    print("   event applied      %s after it" % ms(applied - committed))
    check(a.ping(b, count=1, timeout=PING_TIMEOUT) == 0,
          "packets still pass")


def show_port_disable(lab, a, b):
    flow = a.start_flow(b, pps=PPS)
    flow.wait_received(PPS // 2)
    with account(lab) as result:
        committed, returned = command(lab, "port-disable", b.name)
    sent = flow.sent()
    process.wait_until(lambda: flow.sent() > sent + PPS // 5,
                       what="packets sent to a disabled port")
    report = flow.stop()
    print("   last packet        %s after the database had it "
          "(of %d packets/s)" % (ms(report["last_monotonic_ns"] - committed),
                                 PPS))
    print("   nbctl returned     %s after" % ms(returned - committed))
    print("   packets stopped    %d" % report["lost"])
    check(report["lost"] >= PPS // 5, "packets still pass")
    result.show(told=["hv1"])


def show_port_enable(lab, a, b):
    flow = a.start_flow(b, pps=PPS)
    with account(lab) as result:
        committed, _ = command(lab, "port-enable", b.name)
    flow.wait_received(1)
    report = flow.stop()
    print("   first packet       %s after" % ms(report["first_monotonic_ns"]
                                                - committed))
    result.show(told=["hv1"])


def show_tunnels(lab):
    heading("$ sluice-nbctl show amber")
    print(indented(lab.nb.ctl("show", "amber")))
    heading("hv1$ ovs-appctl -t sluice-agent tunnel/list")
    print(indented(lab.hypervisors["hv1"].agent.appctl("tunnel/list")))


def show_net_disable(lab, network, vms, told):
    with account(lab) as result:
        command(lab, "net-disable", network)
    pairs = [(a, b) for a in vms for b in vms if a is not b]
    answered = sum(a.ping(b, count=1, timeout=PING_TIMEOUT)
                   for a, b in pairs)
    print("   its %d VMs          %d of %d pings among them answered" % (
        len(vms), answered, len(pairs)))
    check(answered == 0, "VMs of a disabled network talk")
    result.show(told)
    for name in told:
        check(len(result.flows[name]) == 1,
              "%d flows changed, not one" % len(result.flows[name]))


class Account:
    """What something cost each hypervisor: bytes that its agent received from
    the NB, changes of flows in its switch."""

    def __init__(self, lab):
        self.hypervisors = lab.hypervisors
        self.watches = {n: h.watch_flows()
                        for n, h in self.hypervisors.items()}
        self.before = {n: h.nb_bytes_received()
                       for n, h in self.hypervisors.items()}
        self.bytes, self.flows = {}, {}

    def close(self):
        for name, hypervisor in self.hypervisors.items():
            self.bytes[name] = (hypervisor.nb_bytes_received()
                                - self.before[name])
            self.flows[name] = self.watches[name].changes()
            self.watches[name].close()

    def show(self, told):
        """Prints the account; only the hypervisors `told` may have one."""
        for name in sorted(self.hypervisors):
            print("   %-18s %3d bytes from the database, %d flow%s changed" % (
                name, self.bytes[name], len(self.flows[name]),
                "s"[:len(self.flows[name]) != 1]))
        for name in self.hypervisors:
            check((name in told) == (self.bytes[name] > 0)
                  == bool(self.flows[name]),
                  "%s is not concerned and was told" % name)


@contextlib.contextmanager
def account(lab):
    result = Account(lab)
    yield result
    result.close()


def command(lab, *args):
    """Runs and shows a sluice-nbctl command that changes an admin state;
    returns when the database announced the change and when the command
    returned, in ns."""
    args = ["--wait=hv", *args]
    heading("$ sluice-nbctl " + shlex.join(args))
    watcher = lab.nb.watch({"Port": ["admin_state_up"],
                            "Network": ["admin_state_up"]})
    try:
        lab.nb.ctl(*args)
        returned = time.monotonic_ns()
        process.wait_until(lambda: watcher.times,
                           what="the database's announcement")
        return watcher.times[0][0], returned
    finally:
        watcher.close()


def heading_line(command_line):
    print("   $ " + command_line, flush=True)


def heading(text):
    print("\n" + text, flush=True)


def indented(text):
    return "\n".join("   " + line for line in text.splitlines())


def ms(ns):
    return "%.1f ms" % (ns / 1e6)


def check(true, text):
    if not true:
        raise DemoError(text)


if __name__ == "__main__":
    main()
