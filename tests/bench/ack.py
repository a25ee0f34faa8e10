# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Is the acknowledgement true, and what does that cost?

One VM sends to another; `sluice-nbctl --wait=hv port-disable` shuts the other,
while the datapath has many other flows cached.  Times are those at which the
kernel took in the database's announcements and the packets: of the commit, of
the binding that has its revision (the acknowledgement), of the last packet
delivered.

An agent that acknowledged when the switch has confirmed the flows, by a
barrier, would do so earlier by what its own "latency/show" says of that toggle's
step from barrier to datapath; the packets delivered after that are those of
which the operator would have been told that they do not exist.

ovs-vswitchd's processor time is that of a toggle (off and on), without traffic
to the port, less that of as much time without; with the proof, and without, by
an agent that does not find ovs-vswitchd's control socket."""

import contextlib
import os
import re
import sys
import time

from lab import Lab, wait_until

from . import report
from .stamped import Announcements, Arrivals

NOISE_MAC = "06:00:00:00:00:00"

# A cached flow that saw no packet for 10 s is removed: each has one in half
# of that.
NOISE_PERIOD = 5

# ovs-vswitchd raises its limit by itself, by and by.
FLOW_LIMIT = 100000

# A packet that comes after the acknowledgement comes in this time, which is
# longer than it takes between any two passes of the revalidators.
LATE_SECONDS = 0.6

# When processor time is measured, a toggle, off and on, has so long.
PACE_SECONDS = 1.5


def add_arguments(parser):
    parser.add_argument("--megaflows", default="10,10000,20000",
                        help="cached flows of others (default: %(default)s)")
    parser.add_argument("--toggles", type=int, default=50,
                        help="times that the port is disabled at each "
                        "number (default: %(default)s)")
    parser.add_argument("--pps", type=int, default=4000,
                        help="packets a second to that port "
                        "(default: %(default)s)")
    parser.add_argument("--cpu-toggles", type=int, default=20,
                        help="toggles by which processor time is measured; "
                        "0: do not (default: %(default)s)")


def main(args):
    print("Milliseconds from the commit, p50 / p99 / max of %d toggles at "
          "%d packets/s.\n%s.\n" % (args.toggles, args.pps,
                                    report.machine()))
    table = report.Table(
        "megaflows", "last packet", "acknowledged", "packets after it",
        "at the barrier alone", "packets after that, p50 / max (of toggles)",
        "ovs-vswitchd CPU ms a toggle: proof, none")
    untrue = 0
    for megaflows in map(int, args.megaflows.split(",")):
        with Lab() as lab:
            bench = Ack(lab, args, megaflows)
            toggles = [bench.toggle() for _ in range(args.toggles)]
            table.row(*cells(toggles), bench.processor_time())
            untrue += sum(t.after_acknowledgement > 0 for t in toggles)
    if untrue:
        sys.exit("%d acknowledgements were untrue" % untrue)


def cells(toggles):
    cached = [t.megaflows for t in toggles]
    would = [t.after_barrier for t in toggles]
    return ("%d-%d" % (min(cached), max(cached)),
            spread(t.last - t.committed for t in toggles),
            spread(t.acknowledged - t.committed for t in toggles),
            sum(t.after_acknowledgement for t in toggles),
            spread(t.barrier - t.committed for t in toggles),
            "%d / %d (%d of %d)" % (
                report.percentile(would, 50), max(would),
                len([n for n in would if n]), len(toggles)))


def spread(samples):
    """Writes p50, p99 and maximum of `samples`, in ns, in ms."""
    samples = list(samples)
    return " / ".join("%.1f" % (report.percentile(samples, p) / 1e6)
                      for p in (50, 99, 100))


class Toggle:
    """What was seen of one port-disable.  Times are in ns."""

    def __init__(self, megaflows, committed, acknowledged, proof, arrivals):
        self.megaflows = megaflows
        self.committed, self.acknowledged = committed, acknowledged
        self.barrier = acknowledged - proof
        self.last = max(arrivals)
        self.after_acknowledgement = later(arrivals, acknowledged)
        self.after_barrier = later(arrivals, self.barrier)


def later(arrivals, moment):
    return len([t for t in arrivals if t > moment])


class Ack:
    def __init__(self, lab, args, megaflows):
        self.lab, self.args = lab, args
        self.hypervisor = hv = lab.add_hypervisor("hv1")
        for network in ("noise", "net"):
            lab.nb.ctl("net-add", network)
        loud = hv.add_port("noise", "loud")
        sink = hv.add_port("noise", "sink",
                           columns=["port_security_enabled=false"])
        sender, receiver = (hv.add_port("net", name) for name in ("a", "b"))
        hv.vswitchd.appctl("upcall/set-flow-limit", str(FLOW_LIMIT))
        loud.start_flow(sink, pps=max(megaflows // NOISE_PERIOD, 1000),
                        mac=NOISE_MAC, vary="dst-mac", flows=megaflows)
        self.flow = sender.start_flow(receiver, pps=args.pps)
        self.megaflows = megaflows
        self.commits, self.bindings = (
            Announcements(lab.nb, table) for table in ("Port",
                                                       "Port_Binding"))
        self.arrivals = Arrivals(receiver)

    def cached(self):
        """Returns how many flows the datapath has cached, once they are as
        many as there should be.  (After a pass that took long ovs-vswitchd
        removes those with few packets rather than look at them.)"""
        def count():
            text = self.hypervisor.vswitchd.appctl("upcall/show")
            n = int(re.search(r"current (\d+)", text).group(1))
            return n if n >= self.megaflows else None
        return wait_until(count, 120, "%d cached flows" % self.megaflows)

    def toggle(self):
        """Disables the port and enables it again; returns a Toggle."""
        megaflows = self.cached()
        proofs = self._proofs()
        self.arrivals.take()
        self.arrivals.wait()
        self._set("port-disable")
        committed, acknowledged = self._announced()
        sent = self.flow.sent()
        wait_until(lambda: self.flow.sent() >= sent + self.args.pps
                   * LATE_SECONDS, what="packets sent to a disabled port")
        toggle = Toggle(megaflows, committed, acknowledged,
                        self._proofs(proofs), self.arrivals.take())
        if "proven" not in self.hypervisor.agent.appctl("status"):
            raise RuntimeError("the agent does not find ovs-vswitchd")
        self._set("port-enable")
        self._announced()
        return toggle

    def processor_time(self):
        """Returns ovs-vswitchd's processor time for a toggle, with the proof
        and without."""
        if not self.args.cpu_toggles:
            return "-"
        # Traffic to a port that is off half of the time would count too.
        self.flow.stop()
        self.cached()
        proven = self._cpu_of_toggles()
        with self._no_control_socket():
            unproven = self._cpu_of_toggles()
        return "%.0f, %.0f" % (proven, unproven)

    def _cpu_of_toggles(self):
        """Returns how many ms of processor time ovs-vswitchd uses more while
        the port is disabled and enabled than in as much time without that,
        which takes turns with it."""
        used = sum(self._cpu_seconds(self._toggle_only)
                   - self._cpu_seconds(lambda: None)
                   for _ in range(self.args.cpu_toggles))
        return used / self.args.cpu_toggles * 1000

    def _cpu_seconds(self, function):
        """Returns the processor time that ovs-vswitchd uses in PACE_SECONDS
        that begin with function()."""
        before = self.hypervisor.vswitchd.cpu_seconds()
        due = time.monotonic() + PACE_SECONDS
        function()
        time.sleep(max(due - time.monotonic(), 0))
        return self.hypervisor.vswitchd.cpu_seconds() - before

    @contextlib.contextmanager
    def _no_control_socket(self):
        """A block in which the agent does not find it."""
        pidfile = self.hypervisor.vswitchd.pidfile
        hidden = pidfile + ".hidden"
        self.hypervisor.agent.stop()
        os.rename(pidfile, hidden)
        self.hypervisor.start_agent()
        self.hypervisor.wait_in_step()
        yield
        os.rename(hidden, pidfile)

    def _toggle_only(self):
        self._set("port-disable")
        self._set("port-enable")

    def _set(self, command):
        self.lab.nb.ctl("--wait=hv", command, "b")

    def _announced(self):
        """Returns when the last change of the port was committed, and when
        its binding said that it is in force."""
        committed, row = self.commits.next()
        acknowledged, binding = self.bindings.next()
        if binding["revision_number"] != row["revision_number"]:
            raise RuntimeError("%s is no acknowledgement of %s" % (binding,
                                                                   row))
        return committed, acknowledged

    def _proofs(self, before=(0, 0)):
        """Returns how many proofs there were and how many ns they took.
        Given that from before one proof, returns how long that one took."""
        line = re.search(r"barrier to datapath\s+(\d+)\s+(\d+)",
                         self.hypervisor.agent.appctl("latency/show"))
        n, mean = map(int, line.groups())
        if before == (0, 0):
            return n, n * mean * 1000
        if n != before[0] + 1:
            raise RuntimeError("%d proofs, not one" % (n - before[0]))
        return n * mean * 1000 - before[1]
