# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""One peer with its swarm, and what is measured of it."""

import os
import time

from . import peers
from .swarms import Swarm, SwarmError
from .world import await_idle

# After these shares of the time limit it is looked at how far a first sync is:
# if fewer than that share of the agents have their rows it is given up.
LOOKS = ((0.2, 0.1), (0.5, 0.4), (1, 1))

# A first sync that takes longer than this, in seconds, is slow: then only a
# tenth of the agents reconnect.
SLOW = 60

# How long processes are looked at while nothing changes, in seconds.
QUIET = 3

# How long one change, or the like, may take, in seconds.
CHANGE_TIMEOUT = 120

# Remotes of a peer with a small database.
REMOTES = 16

# Changes that are not counted, after a first sync.
WARM_UP = 20


class Subject:
    """A peer with its swarm.  `figures` is what was measured: numbers, or
    words where there is none.  `alive` is for the caller."""

    def __init__(self, bench, name, shape):
        self.args, self.shape = bench.args, shape
        self.figures = {"peer": name, "agents": shape.agents, "rounds": []}
        directory = os.path.join(bench.dir, "%s-%d-%d" % (
            name, shape.agents, shape.written))
        # ovsdb-server looks at all its sessions for each that it accepts at a
        # remote.  Where the first sync is not what is measured, more remotes
        # save that time.
        self.peer = peers.PEERS[name](
            directory, 1 if shape.written == shape.agents else REMOTES)
        self.swarm = None
        self.alive = True
        try:
            self.peer.start(bench.database(shape))
            self.swarm = Swarm(shape, self.peer.remotes,
                                      self.peer.nb_remote)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.swarm:
            self.swarm.close()
        self.peer.stop()

    def first_sync(self):
        """Connects all agents.  Returns false if that takes too long."""
        got = self._sync("connect", 0, self.shape.agents)
        self.figures["first_sync"] = got
        if isinstance(got, str):
            return False
        self.figures["memory"] = [d.rss_kb() for d in self.peer.daemons()]
        self.swarm.command("timeout", CHANGE_TIMEOUT)
        self.swarm.command("toggle", WARM_UP, 0, self.shape.written)
        self.figures["quiet"] = self._quiet()
        return True

    def _sync(self, command, first, end):
        """Returns a dict of seconds, processor times, and of how many agents
        the last transaction was found; or words, if it takes too long."""
        limit, spent = self.args.time_limit, 0
        sums = {"seconds": 0, "found": 0, "bytes": 0, "synced": 0}
        before = self.peer.cpu()
        for share, least in LOOKS:
            self.swarm.command("timeout", max(int(limit * share - spent), 1))
            result = self.swarm.command(command, first, end)
            for key in sums:
                sums[key] += result[key]
            if not result["timed_out"]:
                break
            # What they have begun goes on.
            command, spent = "connect", limit * share
            sums["seconds"] = spent
            if sums["synced"] < least * (end - first):
                return "not within %d s (%s of %s after %d s)" % (
                    limit, "{:,}".format(sums["synced"]),
                    "{:,}".format(end - first), spent)
        await_idle(self.peer.daemons())
        return dict(sums, cpu=subtract(self.peer.cpu(), before))

    def _quiet(self):
        """Returns the share of a processor that quiet agents cost."""
        await_idle(self.peer.daemons())
        before = self.peer.cpu()
        time.sleep(QUIET)
        return [c / QUIET for c in subtract(self.peer.cpu(), before)]

    def round(self, changes, moves):
        """Does one round of changes and of changed conditions."""
        toggle, toggle_cpu = self._cost("toggle", changes, 0,
                                        self.shape.written)
        settle = self.swarm.command("settle")
        move, move_cpu = self._cost("move", moves, 0, self.shape.written)
        self.figures["rounds"].append({
            "cpu": [c / changes for c in toggle_cpu],
            "sent_us": toggle["sent_us"], "replied_us": toggle["replied_us"],
            "bytes_to_others": settle["bytes_to_others"],
            "move_us": move["move_us"],
            "move_cpu": [c / moves for c in move_cpu]})

    def _cost(self, *command):
        """Runs a command; returns its result and the processor time it has
        cost beyond what quiet agents cost."""
        await_idle(self.peer.daemons())
        before, begun = self.peer.cpu(), time.monotonic()
        result = self.swarm.command(*command)
        await_idle(self.peer.daemons())
        spent = subtract(self.peer.cpu(), before)
        seconds = time.monotonic() - begun
        return result, [max(c - q * seconds, 0) for c, q in zip(
            spent, self.figures["quiet"])]

    def finish(self):
        """Has all agents reconnect, and checks what they know."""
        if not self.figures.get("small"):
            slow = self.figures["first_sync"]["seconds"] > SLOW
            some = self.shape.agents // 10 if slow else self.shape.agents
            got = self._sync("resync", 0, some)
            if slow and not isinstance(got, str):
                got["agents"] = some
            self.figures["reconnect"] = got
            if isinstance(got, str):
                return
        self.swarm.command("timeout", CHANGE_TIMEOUT)
        result = self.swarm.command("verify")
        if result["wrong"] or result["skipped"]:
            raise SwarmError("%s: %s" % (self.peer.name, result))


def subtract(after, before):
    return [a - b for a, b in zip(after, before)]
