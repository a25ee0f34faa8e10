# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A client of the event stream, as a browser's EventSource reads it."""

import collections
import http.client
import json
import threading

from . import process
from .rest import ApiError, Connection, Reply

# `id` is None if the event has none, `event` is the verb; `data` is parsed,
# `raw` is the text it was.
Event = collections.namedtuple("Event", "id event data raw")


class EventStream:
    """An open stream of events, in the order in which they came in `events`.
    A thread reads; wait() and next() await.  Made by Notifier.events().

    `comments` counts comment lines (keepalives), `retry` is the last such
    field, `ended` becomes true when the server ends the stream, `error` then
    says how if it broke."""

    def __init__(self, connect, host, path, headers=()):
        self.events = []
        self.comments, self.retry = 0, None
        self.ended, self.error = False, None
        self._taken = 0
        self._news = threading.Condition()
        self._connection = Connection(connect, host)
        self._connection.request("GET", path, headers=dict(
            headers, Accept="text/event-stream"))
        # Its own hold on the socket: the response may take the connection's.
        self._socket = self._connection.sock
        self.response = self._connection.getresponse()
        if self.response.status != 200:
            reply = Reply(self.response.status, self.response.headers,
                          self.response.read())
            self._connection.close()
            raise ApiError("GET", path, reply)
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the stream from this side."""
        try:
            self._socket.shutdown(2)
        except OSError:
            pass
        self._thread.join()
        self._connection.close()

    @property
    def last_id(self):
        """The id to resume from: the last one that came."""
        with self._news:
            return next((e.id for e in reversed(self.events) if e.id), None)

    def wait(self, condition, timeout=10, what="an event"):
        """Waits until condition(events so far) is true; returns it."""
        with self._news:
            self._news.wait_for(lambda: condition(self.events) or self.ended,
                                timeout)
            result = condition(self.events)
            if not result:
                raise process.WaitError(
                    "waited in vain for %s; stream %s (%s); last events: %s"
                    % (what, "ended" if self.ended else "is open", self.error,
                       self.events[-3:]))
            return result

    def wait_for(self, count, timeout=10):
        """Waits until there are `count` events; returns all there are."""
        self.wait(lambda events: len(events) >= count, timeout,
                  "%d events" % count)
        return list(self.events)

    def next(self, timeout=10):
        """Returns the event after the one next() returned before."""
        self._taken += 1
        return self.wait(lambda events: events[self._taken - 1:], timeout)[0]

    def wait_end(self, timeout=10):
        """Waits until the server has ended the stream."""
        with self._news:
            if not self._news.wait_for(lambda: self.ended, timeout):
                raise process.WaitError("the stream does not end")

    def _read(self):
        fields = collections.defaultdict(list)
        try:
            for line in self.response:
                self._line(line.decode().rstrip("\r\n"), fields)
        except (OSError, ValueError, http.client.HTTPException) as e:
            self.error = e
        with self._news:
            self.ended = True
            self._news.notify_all()

    def _line(self, line, fields):
        if line.startswith(":"):
            self.comments += 1
        elif line:
            name, _, value = line.partition(":")
            fields[name].append(value[1:] if value[:1] == " " else value)
        else:
            if "retry" in fields:
                self.retry = int(fields["retry"][-1])
            if "data" in fields:
                raw = "\n".join(fields["data"])
                event = Event(fields["id"][-1] if "id" in fields else None,
                              fields.get("event", ["message"])[-1],
                              json.loads(raw), raw)
                with self._news:
                    self.events.append(event)
                    self._news.notify_all()
            fields.clear()
