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

    `mac` sends to another MAC than the destination's (broadcast, say), and
    `vary`/`flows` spread it over that many distinct flows: see sluice-traffic
    --help.  With `count` the sender ends by itself after so many packets."""

    def __init__(self, source, destination, pps=1000, mac=None, count=None,
                 vary=None, flows=None):
        traffic = paths.program("tests/traffic/sluice-traffic")
        stream = str(next(STREAMS))
        self.receiver = _Reporter(destination.netns, traffic, "recv",
                                  "--stream=" + stream)
        argv = ["send", "--stream=" + stream, "--pps=%d" % pps,
                "--src-mac=" + source.mac,
                "--dst-mac=" + (mac or destination.mac)]
        for option, value in (("count", count), ("vary", vary),
                              ("flows", flows)):
            if value is not None:
                argv.append("--%s=%s" % (option, value))
        self.sender = _Reporter(source.netns, traffic, *argv)

    def report(self):
        """Returns what has been received so far: see stop()."""
        return self.receiver.report()

    def sent(self):
        """Returns how many packets have been sent so far."""
        return self.sender.report()["sent"]

    def wait_received(self, more=100, timeout=10):
        """Waits until `more` further packets have come through."""
        goal = self.report()["received"] + more
        process.wait_until(lambda: self.report()["received"] >= goal, timeout,
                           "%d further packets of a flow" % more)

    def wait_sent(self):
        """Waits until a sender with a count has sent it."""
        self.sender.process.wait()

    def stop(self):
        """Ends the flow and waits for what is under way; returns a dict:

        sent, received (distinct packets), lost (sent - received), duplicated,
        first_seq, last_seq (-1: none came), first_monotonic_ns,
        last_monotonic_ns, last_realtime_ns (of arrival), longest_gap_ns
        (between two arrivals), longest_delay_ns (from sending to arrival)."""
        sent = self.sender.stop()["sent"]
        result = self.receiver.stop()
        if result.pop("dropped_by_receiver"):
            raise RuntimeError("the receiver did not keep up: no figures")
        result.update(sent=sent, lost=sent - result["received"])
        return result


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

