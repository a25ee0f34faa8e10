# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What changes in a switch's flow tables, as the switch itself tells it."""

import os
import re

from . import process

EVENT = re.compile(r"event=(ADDED|DELETED|MODIFIED)")


class FlowWatch:
    """Notes each change of a flow of `bridge` from the constructor's return
    on, by an OpenFlow flow monitor."""

    def __init__(self, hypervisor, bridge="br-int"):
        base = os.path.join(hypervisor.dir, "watch-" + bridge)
        self.path, self.ctl = base + ".out", base + ".ctl"
        with open(self.path, "w") as out:
            self.process = process.popen(
                ["ovs-ofctl", "-O", "OpenFlow14", "monitor", bridge,
                 "watch:!initial", "--unixctl=" + self.ctl],
                env=hypervisor.env, stdout=out, stderr=out)
        # Answered when the switch has taken the request.
        process.wait_until(self._barrier, what="the flow monitor")
        self.seen = 0

    def changes(self):
        """Returns the changes since the last call, a line of text each."""
        self._barrier()
        with open(self.path) as f:
            lines = [line.strip() for line in f if EVENT.search(line)]
        new, self.seen = lines[self.seen:], len(lines)
        return new

    def close(self):
        process.run(["ovs-appctl", "-t", self.ctl, "exit"])
        self.process.wait()

    def _barrier(self):
        process.run(["ovs-appctl", "-t", self.ctl, "ofctl/barrier"])
        return True
