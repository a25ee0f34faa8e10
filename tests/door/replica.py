# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A client's copy of what it monitors, made of the updates it is sent.

Whatever a correct server does not send is an error: an insert of a row that
is there, a change or the end of one that is not, a change that changes
nothing, columns nobody asked for."""

import collections

from .schema import IMPLICIT


class StreamError(AssertionError):
    """An update that makes no sense after those before it."""


class Replica:
    """`columns` is {table: set of columns}; `rows` becomes {table: {uuid:
    {column: value}}}.

    `lenient` lets pass what ovsdb-server does: a change without changed
    columns, when a column changes that is in a condition alone; and the end of
    a row that was never told of, to a client that comes back with a
    transaction from before its condition changed, because that change brought
    no row and so no later transaction.  A `recorder`
    gets (table, uuid, kind, columns) of each change instead, and there are no
    rows: for those who asked for some kinds of changes only."""

    def __init__(self, schema, columns, lenient=False, recorder=None):
        self.schema, self.columns, self.lenient = schema, columns, lenient
        self.recorder = recorder
        self.rows = {}
        self.n_changes = collections.Counter()
        self.clear()

    def clear(self):
        self.rows = {table: {} for table in self.columns}

    def apply(self, version, updates):
        """Applies the <table-updates> of a monitor of `version` (1, 2 or
        3)."""
        for table, rows in updates.items():
            if table not in self.columns:
                raise StreamError("%s: nobody asked for it" % table)
            for uuid, update in rows.items():
                try:
                    change = (self._parse1 if version == 1 else self._parse2)(
                        table, uuid, update)
                    if change:
                        self._do(table, uuid, *change)
                except StreamError as e:
                    raise StreamError("%s %s: %s: %s; before: %s" % (
                        table, uuid, e, update,
                        self.rows[table].get(uuid))) from None

    def _do(self, table, uuid, kind, row):
        if self.recorder is not None:
            self.recorder.append((table, uuid, kind, row))
            return
        rows = self.rows[table]
        self.n_changes[kind] += 1
        if kind in ("initial", "insert"):
            if uuid in rows:
                raise StreamError("%s of a row that is there" % kind)
            if set(row) != self.columns[table]:
                raise StreamError("not the columns asked for")
            rows[uuid] = row
        elif uuid not in rows:
            if self.lenient and kind == "delete":
                return
            raise StreamError("%s of a row that is not there" % kind)
        elif kind == "delete":
            del rows[uuid]
        else:
            rows[uuid] = dict(rows[uuid], **row)

    # The first version: old and new rows.

    def _parse1(self, table, uuid, update):
        if not update or not set(update) <= {"old", "new"}:
            raise StreamError("not an update")
        old, new = (self._row(table, update.get(k)) for k in ("old", "new"))
        if "new" not in update:
            if self.recorder is None and uuid in self.rows[table] and (
                    old != self.rows[table][uuid]):
                raise StreamError("the old row is another")
            return "delete", old
        if "old" not in update:
            return "insert", new
        if not old:
            return self._nothing(update["old"])
        self._check_modify1(table, uuid, old, new)
        return "modify", new

    def _check_modify1(self, table, uuid, old, new):
        if self.recorder is not None or uuid not in self.rows[table]:
            return
        before = self.rows[table][uuid]
        if set(new) != self.columns[table]:
            raise StreamError("not the columns asked for")
        for column, value in new.items():
            if old.get(column, value) != before[column]:
                raise StreamError("%s was another" % column)
            if (column in old) != (value != before[column]):
                raise StreamError("%s does not change" % column)

    # The second and third: differences.

    def _parse2(self, table, uuid, update):
        if len(update) != 1:
            raise StreamError("not an update2")
        (kind, json), = update.items()
        if kind == "delete":
            if json is not None:
                raise StreamError("a delete has no row")
            return kind, None
        if kind == "modify":
            return self._modify2(table, uuid, json)
        if kind not in ("initial", "insert"):
            raise StreamError("not an update2")
        row = self._row(table, json)
        types = self.schema.tables[table]
        if self.recorder is None:
            for column in self.columns[table]:
                row.setdefault(column, types[column].default())
        return kind, row

    def _modify2(self, table, uuid, json):
        diffs = {}
        for column, value in json.items():
            self._known(table, column)
            if column not in IMPLICIT:
                diffs[column] = self.schema.type(table, column).parse_diff(
                    value)
        if not diffs:
            return self._nothing(json)
        before = self.rows[table].get(uuid)
        if self.recorder is not None or before is None:
            return "modify", diffs
        new = {}
        for column, diff in diffs.items():
            new[column] = self.schema.type(table, column).apply_diff(
                before[column], diff)
            if new[column] == before[column]:
                raise StreamError("%s does not change" % column)
        return "modify", new

    def _nothing(self, json):
        """A change in nothing that is looked at here."""
        if not self.lenient and not json:
            raise StreamError("a change of nothing")

    def _row(self, table, json):
        for column in json or ():
            self._known(table, column)
        return self.schema.parse_row(table, json or {})

    def _known(self, table, column):
        if column not in self.columns[table] and column not in IMPLICIT:
            raise StreamError("nobody asked for %s" % column)
