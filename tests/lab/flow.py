# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A measured flow of packets between two VMs, by sluice-traffic."""

import json
import select
import signal
import subprocess

from . import paths, process

STREAMS = iter(range(1, 1 << 31))


class Flow:
    """A flow from VM `source` to VM `destination` at `pps` packets a second,
    running from the moment the constructor returns until stop().

    `also` are further VMs to which packets may come, such as the same machine
    on another hypervisor: each has a report of its own.
    `mac` sends to another MAC than the destination's (broadcast, say), and
    `vary`/`flows` spread it over that many distinct flows: see sluice-traffic
    --help.  With `count` the sender ends by itself after so many packets."""

    def __init__(self, source, destination, pps=1000, mac=None, count=None,
                 vary=None, flows=None, also=()):
        traffic = paths.program("tests/traffic/sluice-traffic")
        stream = str(next(STREAMS))
        self.receivers = [_Reporter(vm.netns, traffic, "recv",
                                    "--stream=" + stream)
                          for vm in (destination, *also)]
        argv = ["send", "--stream=" + stream, "--pps=%d" % pps,
                "--src-mac=" + source.mac,
                "--dst-mac=" + (mac or destination.mac)]
        for option, value in (("count", count), ("vary", vary),
                              ("flows", flows)):
            if value is not None:
                argv.append("--%s=%s" % (option, value))
        self.sender = _Reporter(source.netns, traffic, *argv)

    def report(self, receiver=0):
        """Returns what has been received so far: see stop().  Receiver 0 is
        the destination, others are those of `also`."""
        return self.receivers[receiver].report()

    def sent(self):
        """Returns how many packets have been sent so far."""
        return self.sender.report()["sent"]

    def wait_received(self, more=100, timeout=10, receiver=0):
        """Waits until `more` further packets have come through."""
        goal = self.report(receiver)["received"] + more
        process.wait_until(
            lambda: self.report(receiver)["received"] >= goal, timeout,
            "%d further packets of a flow" % more)

    def wait_silent(self, receiver=0, count=100, timeout=10):
        """Waits until `count` packets in a row are sent without one of them
        coming through."""
        def silent():
            before = self.report(receiver)["received"]
            self.wait_sent_more(count)
            return self.report(receiver)["received"] == before
        process.wait_until(silent, timeout, "a flow to stop")

    def wait_sent_more(self, count):
        """Waits until `count` further packets have been sent."""
        goal = self.sent() + count
        process.wait_until(lambda: self.sent() >= goal,
                           what="%d packets to be sent" % count)

    def wait_sent(self):
        """Waits until a sender with a count has sent it."""
        self.sender.process.wait()

    def stop(self):
        """Ends the flow and waits for what is under way; returns a dict:

        sent, received (distinct packets), lost (sent - received), duplicated,
        first_seq, last_seq (-1: none came), first_monotonic_ns,
        last_monotonic_ns, last_realtime_ns (of arrival), longest_gap_ns
        (between two arrivals), longest_delay_ns (from sending to arrival)."""
        return self.stop_all()[0]

    def stop_all(self):
        """As stop(), and returns a list of those of all receivers."""
        sent = self.sender.stop()["sent"]
        results = [receiver.stop() for receiver in self.receivers]
        for result in results:
            if result.pop("dropped_by_receiver"):
                raise RuntimeError("a receiver did not keep up: no figures")
            result.update(sent=sent, lost=sent - result["received"])
        return results


class _Reporter:
    """A sluice-traffic process: it says "ready", then prints a line of JSON
    on SIGUSR1, and a last one when it ends."""

    def __init__(self, netns, traffic, command, *options):
        self.process = netns.popen(traffic, command, "--dev=eth0", *options,
                                   stdout=subprocess.PIPE)
        line = self._line()
        if line != "ready":
            raise RuntimeError("sluice-traffic says: " + line)

    def report(self):
        self.process.send_signal(signal.SIGUSR1)
        return json.loads(self._line())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        line = self._line()
        self.process.wait()
        self.process.stdout.close()
        return json.loads(line)

    def _line(self):
        if not select.select([self.process.stdout], [], [], 10)[0]:
            raise RuntimeError("sluice-traffic does not answer")
        return self.process.stdout.readline().strip()

