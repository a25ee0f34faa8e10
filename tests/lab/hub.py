# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Many event streams in one thread, each of which reads or does not.

    with Hub(notifier) as hub:
        stream = hub.open("/events?id=" + port)
        stream.wait_for(1)

A stream is read while somebody waits, for all that are to be read; one that is
opened with `read` false keeps the kernel's buffers full until read()."""

import json
import selectors
import socket
import time

from .events import Event
from .process import WaitError, wait_until


# Bytes that the kernel keeps for a client that does not read, if it is told
# to: few, and the same on every machine.
RCVBUF = 16384


def _connect(address):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RCVBUF)
    s.settimeout(30)
    s.connect(address)
    return s


class Hub:
    """Streams of `notifier`, ended together by close()."""

    def __init__(self, notifier):
        self.notifier = notifier
        self.selector = selectors.DefaultSelector()
        self.streams = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for stream in self.streams:
            stream.close()
        self.selector.close()

    def open(self, target, last_event_id=None, query=None, read=True):
        """Returns a new HubStream.  `query` is an id for the query."""
        if query:
            target += ("&" if "?" in target else "?") + (
                "last_event_id=" + query)
        stream = HubStream(self, target, last_event_id)
        self.streams.append(stream)
        if read:
            stream.read()
        return stream

    def poll(self, timeout):
        """Reads what there is to read within `timeout` seconds."""
        for key, _ in self.selector.select(timeout):
            key.data.receive()


class HubStream:
    """One stream: what came in `events`, without comments."""

    def __init__(self, hub, target, last_event_id):
        self.hub, self.events, self.ended = hub, [], False
        self._buffer, self._head = b"", None
        self.socket = hub.notifier.netns.call(lambda: _connect(
            (hub.notifier.address, hub.notifier.port)))
        self.peer = "%s:%d" % self.socket.getsockname()[:2]
        request = "GET %s HTTP/1.1\r\nHost: h\r\n" % target
        if last_event_id:
            request += "Last-Event-ID: %s\r\n" % last_event_id
        self.socket.sendall((request + "\r\n").encode())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if not self.ended:
            self.end()

    def end(self):
        self.ended = True
        if self.socket in self.hub.selector.get_map():
            self.hub.selector.unregister(self.socket)
        self.socket.close()

    def read(self):
        """From now on it reads."""
        self.socket.setblocking(False)
        self.hub.selector.register(self.socket, selectors.EVENT_READ, self)

    def receive(self, size=1 << 20):
        try:
            data = self.socket.recv(size)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self.end()
            return
        self._buffer += data
        while b"\n\n" in self._buffer or b"\r\n\r\n" in self._buffer:
            self._take()

    def _take(self):
        if self._head is None:
            self._head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            assert self._head.startswith(b"HTTP/1.1 200 "), self._head
            return
        block, _, self._buffer = self._buffer.partition(b"\n\n")
        fields = dict(line.split(": ", 1) for line in block.decode().split(
            "\n") if not line.startswith(":"))
        if "data" in fields:
            self.events.append(Event(fields.get("id"), fields["event"],
                                     json.loads(fields["data"]),
                                     fields["data"]))

    def wait(self, condition, timeout=10):
        """Reads until condition(events so far) is true; returns it."""
        deadline = time.monotonic() + timeout
        while not condition(self.events):
            if self.ended or time.monotonic() > deadline:
                raise WaitError("%s: %s; last events: %s" % (
                    self.peer, "ended" if self.ended else "waited in vain",
                    self.events[-3:]))
            self.hub.poll(0.1)
        return condition(self.events)

    def wait_for(self, count, timeout=10):
        self.wait(lambda events: len(events) >= count, timeout)
        return list(self.events)

    def wait_reply(self):
        """Waits until the notifier has taken it on."""
        if self.socket in self.hub.selector.get_map():
            self.wait(lambda _: self._head is not None)
        else:
            wait_until(lambda: self.socket.recv(1, socket.MSG_PEEK), 10,
                       "a reply")

    def row(self):
        """What the notifier says of it."""
        lines = self.hub.notifier.appctl("client/list").splitlines()
        names = [n for n in lines[0].replace("last id", "last-id").split()]
        for line in lines[1:]:
            values = dict(zip(names, line.split()))
            if values["peer"] == self.peer:
                return values
        return None

    def state(self):
        row = self.row()
        return row and row["state"]
