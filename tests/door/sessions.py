# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A session, as it is at ovsdb-server and at the server under test: the same
requests, and a replica at either side of each monitor."""

import json

from lab.northbound import DATABASE

from .client import Client
from .replica import Replica, StreamError
from .requests import METHODS, Spec, differences

ZERO = "00000000-0000-0000-0000-000000000000"

# The monitor by which a session knows that it has been told of all before.
MARKER = Spec("marker", 1, {"NB_Global": {"columns": ["last_deletion"]}},
              {"NB_Global": {"last_deletion"}}, {}, False)


class Different(AssertionError):
    """The servers, or a server and the model, do not agree."""


def key(id):
    """Returns a monitor's id as something to look it up by."""
    return json.dumps(id, sort_keys=True)


class Monitor:
    """One side of a monitor."""

    def __init__(self, schema, spec, lenient):
        self.spec = spec
        self.events = [] if spec.limited else None
        self.replica = Replica(schema, spec.columns,
                               lenient or spec.limited, self.events)
        self.last_id = ZERO
        self.begun = False


class Side:
    """A session at one server, at unix socket `path`."""

    def __init__(self, name, path, schema, lenient):
        self.name, self.path, self.schema = name, path, schema
        self.lenient = lenient
        self.monitors = {}
        self.n_resumed = 0
        self.client = Client(path, self._notified)

    def begin(self, spec, last_id=None):
        """Asks for a new monitor, or again for one that was there before."""
        monitor = self.monitors.get(key(spec.id))
        if not monitor:
            monitor = Monitor(self.schema, spec, self.lenient)
            self.monitors[key(spec.id)] = monitor
        monitor.begun = False
        params = [DATABASE, spec.id, spec.requests]
        if spec.version == 3:
            params.append(last_id or ZERO)
        return self.client.send(METHODS[spec.version], params,
                                lambda reply: self._begin(monitor, reply))

    def change(self, spec, new_id, where):
        """Asks for other conditions."""
        monitor = self.monitors[key(spec.id)]
        # Until the reply, updates may have either id.
        self.monitors[key(new_id)] = monitor

        def then(reply):
            if reply["error"]:
                raise StreamError("%s: %s" % (self.name, reply["error"]))
            if new_id != spec.id:
                del self.monitors[key(spec.id)]
        return self.client.send("monitor_cond_change", [
            spec.id, new_id, {t: [{"where": w}] for t, w in where.items()}],
            then)

    def cancel(self, spec):
        return self.client.send(
            "monitor_cancel", [spec.id],
            lambda reply: self.monitors.pop(key(spec.id)))

    def reconnect(self, read, last_id=None):
        """Comes back, having `read` what was sent or not, with the last
        transaction seen, or `last_id`; returns the requests sent."""
        if read:
            self.client.pump()
        self.client.close()
        self.client = Client(self.path, self._notified)
        return [self.begin(m.spec, last_id or m.last_id)
                for m in list(self.monitors.values())]

    def marker(self):
        rows = self.monitors[key(MARKER.id)].replica.rows["NB_Global"]
        return next(iter(rows.values()))["last_deletion"] if rows else None

    def settle(self, marker):
        """Waits until it was told everything up to a marker."""
        self.client.pump_until(lambda: self.marker() == marker,
                               "%s to tell of %s" % (self.name, marker))
        # What is told with it may come after it, but before any reply.
        self.client.call("echo", [])

    def _begin(self, monitor, reply):
        monitor.begun = True
        if reply["error"]:
            raise StreamError("%s: %s refused: %s" % (
                self.name, monitor.spec.requests, reply["error"]))
        updates = reply["result"]
        if monitor.spec.version == 3:
            found, monitor.last_id, updates = updates
            self.n_resumed += found
        if monitor.spec.version < 3 or not found:
            monitor.replica.clear()
        self._apply(monitor, updates)

    def _notified(self, method, params):
        monitor = self.monitors.get(key(params[0]))
        if not monitor or not monitor.begun:
            raise StreamError("%s: %s of monitor %s, which is not there" % (
                self.name, method, params[0]))
        version = monitor.spec.version
        if method != ["update", "update2", "update3"][version - 1]:
            raise StreamError("%s: %s of a monitor of version %d" % (
                self.name, method, version))
        if len(params) != (3 if version == 3 else 2):
            raise StreamError("%s: %s" % (self.name, params))
        if version == 3:
            monitor.last_id = params[1]
        self._apply(monitor, params[-1])

    def _apply(self, monitor, updates):
        try:
            monitor.replica.apply(monitor.spec.version, updates)
        except Exception as e:
            raise StreamError("%s: monitor %s: %s" % (
                self.name, key(monitor.spec.id), e)) from e


class Twin:
    """The same session at `servers`, two of (name, path); the first is
    ovsdb-server itself."""

    def __init__(self, name, servers, schema):
        self.name, self.schema = name, schema
        self.specs = {}
        self.stalled = False
        self.sides = [
            Side("%s at %s" % (name, server), path, schema,
                 lenient=server != "notifier")
            for server, path in servers]
        self.begin(MARKER)

    def close(self):
        for side in self.sides:
            side.client.close()

    def both(self, action):
        """Does action(side), which returns the id of a request, at both sides
        and returns the replies."""
        requests = [action(side) for side in self.sides]
        return [side.client.reply(r) for side, r in zip(self.sides, requests)]

    def begin(self, spec):
        self.both(lambda side: side.begin(spec))
        self.specs[key(spec.id)] = spec

    def change(self, spec, new_id, where):
        self.both(lambda side: side.change(spec, new_id, where))
        del self.specs[key(spec.id)]
        requests = {table: self._with_where(request, where.get(table))
                    for table, request in spec.requests.items()}
        new = Spec(new_id, spec.version, requests, spec.columns,
                   dict(spec.where, **where), spec.limited)
        self.specs[key(new_id)] = new
        for side in self.sides:
            side.monitors[key(new_id)].spec = new

    @staticmethod
    def _with_where(request, where):
        if where is None:
            return request
        if isinstance(request, list):
            return [dict(r, where=where) for r in request]
        return dict(request, where=where)

    def cancel(self, spec):
        self.both(lambda side: side.cancel(spec))
        del self.specs[key(spec.id)]

    def reconnect(self, reads, last_id=None):
        """Reconnects at both sides, as `reads`, one for each, says."""
        requests = [side.reconnect(read, last_id)
                    for side, read in zip(self.sides, reads)]
        for side, sent in zip(self.sides, requests):
            for request in sent:
                side.client.reply(request)

    def refused(self, method, params):
        """Sends a request that both must refuse in the same way."""
        replies = self.both(lambda side: side.client.send(method, params))
        errors = [r["error"]["error"] if isinstance(r["error"], dict)
                  else r["error"] for r in replies]
        if not errors[0] or errors[0] != errors[1]:
            raise Different("%s: %s %s: %s" % (
                self.name, method, json.dumps(params), replies))

    def settle(self, marker):
        for side in self.sides:
            side.settle(marker)

    def compare(self, dump):
        """Returns how the replicas differ from what the model says."""
        wrong = []
        for spec in self.specs.values():
            if not spec.limited:
                expected = spec.view(self.schema, dump)
                for side in self.sides:
                    wrong += differences(
                        "%s, monitor %s" % (side.name, key(spec.id)),
                        side.monitors[key(spec.id)].replica.rows, expected)
        return wrong

    def compare_events(self):
        """Returns how what was told since the last time differs."""
        wrong = []
        for name, spec in self.specs.items():
            if spec.limited:
                first, second = (
                    {e[:2]: e[2:] for e in side.monitors[name].events}
                    for side in self.sides)
                for at in first.keys() | second.keys():
                    if first.get(at) != second.get(at):
                        wrong.append("%s, monitor %s %s: %s %s: %s, but %s"
                                     % (self.name, name, spec.requests, *at,
                                        first.get(at), second.get(at)))
                for side in self.sides:
                    side.monitors[name].events.clear()
        return wrong
