# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Random monitors: what is asked for, and what that means."""

import collections

from .conditions import Generator, matches
from .schema import IMPLICIT

METHODS = {1: "monitor", 2: "monitor_cond", 3: "monitor_cond_since"}

KINDS = ("initial", "insert", "delete", "modify")


class Spec:
    """A monitor: its `id`, any JSON, its `version`, and `requests`, as
    JSON.  `columns` is {table: set of columns}, `where` {table: condition}
    and `limited` says that it does not ask for all kinds of changes."""

    def __init__(self, id, version, requests, columns, where, limited):
        self.id, self.version, self.requests = id, version, requests
        self.columns, self.where, self.limited = columns, where, limited

    def view(self, schema, dump):
        """Returns what a client knows of `dump`, {table: {uuid: row}}."""
        return {table: {
            uuid: {c: row[c] for c in columns}
            for uuid, row in dump[table].items()
            if matches(schema, table, self.where.get(table), uuid, row)}
            for table, columns in self.columns.items()}


class Requests:
    """Makes random Specs.  `values` as for conditions.Generator."""

    def __init__(self, schema, rng, values):
        self.schema, self.rng = schema, rng
        self.conditions = Generator(schema, rng, values)
        self.tables = list(schema.tables)
        self.made = set()

    def spec(self, limited=False):
        """Returns a Spec that is alike no other, or, every so often, one for
        whole tables, of which many are alike.

        ovsdb-server 3.1 keeps one list of columns for monitors that are
        alike, and reads beyond its end when one of them has a condition on a
        column that is not in it."""
        if not limited and self.rng.random() < 0.3:
            return self._spec(False, whole=True)
        while True:
            spec = self._spec(limited)
            name = frozenset((table, frozenset(columns))
                             for table, columns in spec.columns.items())
            if not name or name not in self.made:
                self.made.add(name)
                return spec

    def _spec(self, limited, whole=False):
        rng = self.rng
        version = rng.choice([1, 2, 2, 3, 3])
        requests, columns, where = {}, {}, {}
        # The row of the marker changes twice when others change once.
        tables = [t for t in self.tables if not limited or t != "NB_Global"]
        for table in rng.sample(tables, rng.choice([0, 1, 1, 2, 3, 5])):
            condition = None
            if version > 1 and rng.random() < 0.8:
                condition = where[table] = self.conditions.condition(table)
            requests[table], columns[table] = self._table(
                table, condition, limited, whole)
        return Spec(self.id(), version, requests, columns, where, limited)

    def id(self):
        """Returns an id of any kind, that nobody else has."""
        number = self.rng.getrandbits(40)
        return self.rng.choice([
            number, -number, str(number), "monitor \u00e9 %d" % number,
            [number], [None, {"a": [number]}], {"x": number, "y": True}])

    def change(self, spec):
        """Returns random new conditions of some tables of `spec`."""
        tables = sorted(spec.columns)
        return {table: self.conditions.condition(table)
                for table in self.rng.sample(tables, self.rng.randint(
                    min(1, len(tables)), len(tables)))}

    def _table(self, table, condition, limited, whole):
        """Returns the requests for a table, and the set of columns."""
        rng = self.rng
        columns = [*self.schema.tables[table], *IMPLICIT]
        if whole:
            return self._request(columns, condition, False), set(
                columns) - set(IMPLICIT)
        if rng.random() < 0.25:
            return self._request(None, condition, limited), set(
                columns) - set(IMPLICIT)
        chosen = rng.sample(columns, rng.randrange(min(len(columns), 8)))
        known = set(chosen) - set(IMPLICIT)
        if rng.random() < 0.6:
            return self._request(chosen, condition, limited), known
        # Several requests, of which none has a column of another.
        cut = rng.randrange(len(chosen) + 1)
        return [self._request(part, condition, limited)
                for part in (chosen[:cut], chosen[cut:])], known

    def _request(self, columns, condition, limited):
        request = {}
        if columns is not None:
            request["columns"] = columns
        if condition is not None:
            request["where"] = condition
        if limited:
            request["select"] = {
                kind: self.rng.random() < 0.5
                for kind in KINDS if self.rng.random() < 0.7}
        elif self.rng.random() < 0.2:
            request["select"] = dict.fromkeys(
                self.rng.sample(KINDS, self.rng.randrange(5)), True)
        return request

    def wrong(self):
        """Returns parameters, but for database and id, of a monitor that must
        be refused, and its method."""
        table = self.rng.choice(self.tables)
        columns = self.schema.tables[table]
        column = self.rng.choice(sorted(columns))
        version = self.rng.choice([1, 2, 3])
        bad = [{"nosuch": {}},
               {table: {"columns": ["nosuch"]}},
               {table: {"columns": [column, column]}},
               {table: [{"columns": [column]}, {"columns": [column]}]},
               {table: {"columns": 3}},
               {table: {"select": {"nosuch": True}}},
               {table: {"select": {"insert": 1}}},
               {table: {"nosuch": []}},
               []]
        if version > 1:
            bad += [{table: {"where": [clause]}} for clause in (
                ["nosuch", "==", ""], [column, "~", ""], [column, "=="],
                [column, "==", 1.5], ["_uuid", "==", ["uuid", "x"]], 7,
                ["_uuid", "<", ["uuid", "0" * 8]])]
            bad.append({table: {"where": {}}})
        else:
            bad.append({table: {"where": []}})
        return METHODS[version], version, self.rng.choice(bad)


def differences(name, got, expected):
    """Returns, in words, where a replica differs from what it should be."""
    wrong = []
    for table in expected:
        here, there = got[table], expected[table]
        count = collections.Counter()
        for uuid in sorted(here.keys() | there.keys()):
            if here.get(uuid) != there.get(uuid):
                kind = ("missing" if uuid not in here else "too many"
                        if uuid not in there else "different")
                count[kind] += 1
                if count[kind] <= 3:
                    wrong.append("%s: %s %s is %s: %s; should be %s" % (
                        name, table, uuid, kind, here.get(uuid),
                        there.get(uuid)))
        for kind, n in count.items():
            if n > 3:
                wrong.append("%s: %s: and %d more %s" % (
                    name, table, n - 3, kind))
    return wrong
