# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The event stream as a person sees it: curl -N in a window of its own."""

import subprocess
import threading
import time

from . import process


class CurlEvents:
    """Runs curl -N on a notifier's /events with `query`; `lines` are those it
    has printed so far, each as (ns of the monotonic clock, text)."""

    def __init__(self, notifier, query):
        self.command = "curl -N '%s/events?%s'" % (notifier.url, query)
        self.lines = []
        self._news = threading.Condition()
        self._process = notifier.netns.popen(
            "curl", "-sSN", "%s/events?%s" % (notifier.url, query),
            stdout=subprocess.PIPE)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        # The server's first line says that it listens on our behalf.
        self.wait(lambda lines: lines, "the stream to open")

    def _read(self):
        for line in self._process.stdout:
            with self._news:
                self.lines.append((time.monotonic_ns(), line.rstrip("\n")))
                self._news.notify_all()

    def wait(self, condition, what, timeout=10):
        """Waits until condition(lines) is true; returns it."""
        with self._news:
            self._news.wait_for(lambda: condition(self.lines), timeout)
            result = condition(self.lines)
        if not result:
            raise process.WaitError("waited in vain for %s; curl printed %s" %
                                    (what, self.lines))
        return result

    def wait_event(self, verb):
        """Waits for an event; returns when it came, in ns, and the lines from
        it to its end."""
        def whole(lines):
            for first, (at, text) in enumerate(lines):
                if text == "event: " + verb:
                    rest = [t for _, t in lines[first:]]
                    if "" in rest:
                        return at, rest[:rest.index("")]
            return None
        return self.wait(whole, "an event that something was " + verb)

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        self._process.stdout.close()
