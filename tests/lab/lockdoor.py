# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The test program on notifier/door/locks.h (tests/door/lock-door.c)."""

import os
import select
import signal
import subprocess
import tempfile
import time

from . import paths, process

PROGRAM = "tests/door/lock-door"

# Longer than anything takes, a reconnect included: what waits for this long
# has failed.
TIMEOUT = 30


class LockDoor:
    """A door at the server `remote`, for a with block.  At the end it must
    have said nothing that was not expected, and exit by itself."""

    def __init__(self, remote):
        self.remote = remote
        self.lines = []
        self.partial = b""
        self.n_barriers = 0
        self.process = self.log = None

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+", errors="replace")
        self.process = process.popen(
            [paths.program(PROGRAM), self.remote],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log)
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                last = self.ask("x status")
                assert last.startswith("locks: ") and not self.lines, (
                    last, self.lines)
                self.process.stdin.close()
                status = self.process.wait(TIMEOUT)
                assert status == 0, self._said()
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
            self.log.close()

    def do(self, *commands):
        """Gives commands, see tests/door/lock-door.c."""
        for command in commands:
            self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def expect(self, *lines):
        """Waits for these lines, which must be the next, in order."""
        deadline = time.monotonic() + TIMEOUT
        while len(self.lines) < len(lines):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._read(left)
        got, self.lines = self.lines[:len(lines)], self.lines[len(lines):]
        assert got == list(lines), "%s, not %s" % (got, list(lines))

    def await_lines(self, *lines):
        """Waits until these lines are among those that have come, and leaves
        them there."""
        deadline = time.monotonic() + TIMEOUT
        while not set(lines) <= set(self.lines):
            assert time.monotonic() < deadline, (lines, self.lines)
            self._read(1)

    def ask(self, command):
        """Gives a command that prints one line at once, and returns that."""
        self.do(command)
        deadline = time.monotonic() + TIMEOUT
        while not self.lines and time.monotonic() < deadline:
            self._read(1)
        return self.lines.pop(0)

    def barrier(self):
        """Returns what was printed until all that the server had sent to the
        door, and was to send because of what the door had sent, has come."""
        self.n_barriers += 1
        lock = "barrier_%d_%d" % (self.process.pid, self.n_barriers)
        self.do("barrier lock " + lock)
        self.await_lines("barrier lock %s true" % lock)
        self.do("barrier unlock " + lock)
        self.await_lines("barrier unlock %s {}" % lock)
        lines = [line for line in self.lines
                 if not line.startswith("barrier ")]
        self.lines = []
        return lines

    def await_status(self, status):
        """Waits until "status" prints this."""
        process.wait_until(lambda: self.ask("x status") == status, TIMEOUT,
                           status)

    def await_connected(self, connected=True):
        """Waits until the door has a session with the server, or none."""
        process.wait_until(
            lambda: ("; " not in self.ask("x status")) == connected, TIMEOUT,
            "a session" if connected else "the end of the session")

    def pause(self):
        """Keeps the program from running until resume()."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def _read(self, timeout):
        fd = self.process.stdout.fileno()
        while select.select([fd], [], [], timeout)[0]:
            data = os.read(fd, 1 << 16)
            if not data:
                break
            *lines, self.partial = (self.partial + data).split(b"\n")
            self.lines += [line.decode() for line in lines]
            timeout = 0

    def _said(self):
        self.log.seek(0)
        return self.log.read()[-4000:]
