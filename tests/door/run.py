# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""One run of the differential test: sessions at both servers, random
transactions, and quiet points at which all is compared."""

import collections
import json
import random

from lab.northbound import DATABASE

from .client import Client
from .conditions import made_up_uuid
from .requests import Requests
from .schema import Schema
from .sessions import MARKER, Different, Twin
from .writer import Writer

SESSIONS = 12

# How many steps lie between two quiet points, on average; every so often they
# are taken one by one, with sessions that want some kinds of changes only.
BATCH = 40
ONE_BY_ONE = 0.2
ONE_BY_ONE_STEPS = 12

# Monitors a session has at most.
MONITORS = 5

# Of transactions, how many may be refused by the database.
REFUSED = 0.4

# How many of the last steps a failure shows.
SHOWN = 40


class Run:
    """`servers` are two of (name, path of a socket): ovsdb-server's, whose
    word counts, and that of the server under test."""

    def __init__(self, servers, seed):
        self.rng = random.Random(seed)
        self.schema = Schema()
        self.servers = servers
        self.writer = Writer(self.schema, self.rng)
        self.requests = Requests(self.schema, self.rng, self.writer.value)
        self.past = collections.deque(maxlen=SHOWN)
        self.counts = collections.Counter()
        self.marker = 0
        self.clients = [Client(path) for _, path in servers]
        self.due = []
        self.dump = None
        self.twins = [self._twin("session %d" % i) for i in range(SESSIONS)]

    def close(self):
        for closing in self.twins:
            closing.close()
        for client in self.clients:
            client.close()

    def run(self, steps):
        """Does so many steps, and compares."""
        self._quiet()
        while self.counts["steps"] < steps:
            if self.rng.random() < ONE_BY_ONE:
                self._one_by_one()
            else:
                for _ in range(1 + int(self.rng.expovariate(1 / BATCH))):
                    self._step()
            self._quiet()
        for twin in self.twins:
            self._wake(twin)
        self._quiet()

    def check(self):
        """Fails if the run was less than it is meant to be."""
        c = self.counts
        assert c["refused"] < REFUSED * c["transactions"], c
        assert c["rows compared"] > c["steps"], c
        # Clients come back to the server under test and are told only what
        # they have missed; what a lone ovsdb-server does not know how to do.
        assert self.n_resumed(), "nobody's last transaction was ever known"

    def n_resumed(self):
        return self.counts["resumed"] + sum(
            t.sides[1].n_resumed for t in self.twins)

    def history(self):
        return "\n".join(["the last of %d steps:" % self.counts["steps"],
                          *self.past])

    # Steps.

    def _step(self):
        self.counts["steps"] += 1
        if self.rng.random() < 0.7:
            self._transact()
            return
        twin = self.rng.choice(self.twins)
        if twin.stalled:
            if self.rng.random() < 0.3:
                self._wake(twin)
            return
        actions = {self._begin: 4, self._change: 6, self._cancel: 2,
                   self._reconnect: 3, self._made_up: 1, self._refused: 2,
                   self._stall: 1, self._read: 5}
        action = self.rng.choices(list(actions), list(actions.values()))[0]
        action(twin)

    def _transact(self):
        operations = self.writer.transaction()
        if operations:
            # A row written at one server may be deleted at the other.
            client = self.rng.choice(self.clients)
            self._log("transact at %s" % self.servers[
                self.clients.index(client)][0], operations)
            self.due.append((client, client.send(
                "transact", [DATABASE, *operations]), operations))
            if self.rng.random() < 0.3:
                self._finish()

    def _begin(self, twin, limited=False):
        if len(twin.specs) <= MONITORS:
            spec = self.requests.spec(limited)
            self._log(twin.name, "monitor", spec.id, spec.version,
                      spec.requests)
            twin.begin(spec)
            self.counts["monitors"] += 1

    def _change(self, twin):
        spec = self._some_monitor(twin, lambda s: s.version > 1 and s.columns)
        if spec:
            new_id = spec.id if self.rng.random() < 0.7 else self.requests.id()
            where = self.requests.change(spec)
            self._log(twin.name, "monitor_cond_change", spec.id, new_id,
                      where)
            twin.change(spec, new_id, where)
            self.counts["conditions changed"] += 1

    def _cancel(self, twin):
        spec = self._some_monitor(twin)
        if spec:
            self._log(twin.name, "monitor_cancel", spec.id)
            twin.cancel(spec)

    def _some_monitor(self, twin, condition=lambda spec: True):
        found = [s for s in twin.specs.values()
                 if s is not MARKER and condition(s)]
        return self.rng.choice(found) if found else None

    def _reconnect(self, twin, last_id=None):
        reads = [self.rng.random() < 0.5 for _ in twin.sides]
        self._log(twin.name, "reconnect", reads, last_id)
        twin.reconnect(reads, last_id)
        self.counts["reconnections"] += 1

    def _made_up(self, twin):
        before = [side.n_resumed for side in twin.sides]
        self._reconnect(twin, made_up_uuid(self.rng))
        if before != [side.n_resumed for side in twin.sides]:
            raise Different("%s: a transaction was found that never was"
                            % twin.name)

    def _refused(self, twin):
        method, version, requests = self.requests.wrong()
        params = [DATABASE, self.requests.id(), requests]
        if version == 3:
            params.append(made_up_uuid(self.rng))
        self._log(twin.name, method, params)
        twin.refused(method, params)
        twin.refused("monitor_cancel", [params[1]])
        twin.refused("monitor_cond_change", [params[1], params[1], {}])

    def _stall(self, twin):
        self._log(twin.name, "reads no more")
        twin.stalled = True
        self.counts["stalls"] += 1

    def _wake(self, twin):
        if twin.stalled:
            self._log(twin.name, "reads again")
            twin.stalled = False

    def _read(self, twin):
        for side in twin.sides:
            if self.rng.random() < 0.8:
                side.client.pump()

    # One transaction at a time, so that both servers tell the same of each.

    def _one_by_one(self):
        self._log("one by one")
        twins = [self._twin("limited session %d" % i) for i in range(3)]
        # The writer cannot go on before somebody reads what it is told.
        try:
            for twin in twins:
                for _ in range(3):
                    self._begin(twin, limited=True)
            self._same_events(twins)
            for _ in range(ONE_BY_ONE_STEPS):
                self.counts["steps"] += 1
                self._transact()
                self._quiet(twins)
                self._same_events(twins)
                if self.rng.random() < 0.5:
                    self._change(self.rng.choice(twins))
                    self._same_events(twins)
        finally:
            for twin in twins:
                twin.close()

    def _same_events(self, twins):
        wrong = [w for twin in twins for w in twin.compare_events()]
        if wrong:
            raise Different("\n".join(wrong))

    # Quiet points.

    def _quiet(self, twins=None):
        """Waits until sessions have been told everything, and compares."""
        self._finish()
        self.marker += 1
        marker = str(self.marker)
        self._mark(marker)
        for twin in twins or self.twins:
            if not twin.stalled:
                twin.settle(marker)
        if twins:
            return
        self.dump = self._dump()
        self.writer.know(self.dump)
        wrong = []
        for twin in self.twins:
            if not twin.stalled:
                wrong += twin.compare(self.dump)
                self.counts["rows compared"] += sum(
                    len(rows) for m in twin.sides[1].monitors.values()
                    for rows in m.replica.rows.values())
        if wrong:
            raise Different("\n".join(wrong))
        self.counts["quiet points"] += 1

    def _finish(self):
        """Waits for the results of transactions."""
        for client, request, operations in self.due:
            reply = client.reply(request)
            if reply["error"]:
                raise Different("%s: %s" % (operations, reply))
            bad = [r for r in reply["result"] if r and "error" in r]
            self.counts["transactions"] += 1
            self.counts["refused"] += bool(bad)
            for result in bad:
                self.counts[result["error"]] += 1
        self.due = []

    def _mark(self, marker):
        reply = self.clients[0].call("transact", [DATABASE, {
            "op": "update", "table": "NB_Global", "where": [],
            "row": {"last_deletion": marker}}])
        if reply["error"] or reply["result"] != [{"count": 1}]:
            raise Different("cannot set a marker: %s" % reply)

    def _dump(self):
        tables = list(self.schema.tables)
        reply = self.clients[0].call("transact", [DATABASE, *(
            {"op": "select", "table": table, "where": []}
            for table in tables)])
        return {table: {row["_uuid"][1]: self.schema.parse_row(table, row)
                        for row in result["rows"]}
                for table, result in zip(tables, reply["result"])}

    def _twin(self, name):
        return Twin(name, self.servers, self.schema)

    def _log(self, *what):
        self.past.append(" ".join(
            w if isinstance(w, str) else json.dumps(w) for w in what)[:2000])
