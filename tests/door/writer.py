# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Random transactions on every table of the northbound schema, nearly all of
them valid: references lead somewhere, what must be unique mostly is."""

from .conditions import made_up_uuid

# Rows a table comes to have, more or less; and how often it is changed.
TARGETS = {"Network": 12, "Subnet": 10, "Port": 40, "Port_Binding": 30,
           "Network_Binding": 15, "Port_Location": 20, "Network_Location": 10,
           "Host": 8, "Agent": 8, "RBAC_Role": 4, "RBAC_Permission": 6}

# Rows of these live as long as somebody refers to them.
SINGLE = "NB_Global"

WORDS = ["", "a", "b", "blue", "red", "hv1", "hv2", "hv3", "x y", "\u00e9",
         "\U0001f600", "10.0.0.1", '"quoted"', "\\\\"]

# Enough for the buffers of a client that does not read to fill.
LONG = 20000

# Columns that are the test's own, or that give nothing to compare.
KEPT = {(SINGLE, "last_deletion")}


class Writer:
    """Makes transactions.  know() tells it what the database has."""

    def __init__(self, schema, rng):
        self.schema, self.rng = schema, rng
        self.dump = {table: {} for table in schema.tables}
        self.new = {table: [] for table in schema.tables}

    def know(self, dump):
        """`dump` is {table: {uuid: {column: value}}}."""
        self.dump = dump
        self.new = {table: [] for table in self.schema.tables}

    def transaction(self):
        """Returns the operations of a random transaction."""
        self.operations = []
        for _ in range(self.rng.choice([1, 1, 1, 2, 3, 8])):
            self._operation()
        return self.operations

    def value(self, table, column):
        """Returns a value as it may be in a column."""
        rows = self.dump[table]
        if rows and self.rng.random() < 0.7:
            uuid = self.rng.choice(sorted(rows))
            return uuid if column == "_uuid" else rows[uuid][column]
        if column == "_uuid":
            return made_up_uuid(self.rng)
        return self._value(table, column)

    # Operations.

    def _operation(self):
        rng = self.rng
        table = rng.choices(list(TARGETS), list(TARGETS.values()))[0]
        dice = rng.random()
        if dice < 0.1:
            table = SINGLE
        elif dice < 0.15:
            table = rng.choice(["Segment", "IP_Allocation", "Connection"])
        count = len(self.dump[table]) + len(self.new[table])
        if table in TARGETS and rng.random() < 0.5:
            if rng.random() * 2 * TARGETS[table] > count:
                self._insert(table)
            else:
                self._delete(table)
        elif count:
            rng.choice([self._update, self._update, self._mutate,
                        self._toggle])(table)

    def _insert(self, table):
        """Inserts a row; returns a reference to it."""
        columns = self.schema.tables[table]
        needed = self.schema.indexed(table) | {
            c for c, t in columns.items()
            if t.key.get("enum") or t.key.get("refTable")
            or t.key.get("minInteger")}
        others = [c for c in columns if c not in needed]
        needed |= set(self.rng.sample(others, self.rng.randrange(
            len(others) + 1)))
        row = {c: self._json(table, c) for c in columns if c in needed}
        operation = {"op": "insert", "table": table, "row": row}
        self.operations.append(operation)
        if self.rng.random() < 0.5:
            uuid = operation["uuid"] = made_up_uuid(self.rng)
            self.new[table].append(uuid)
            return ["uuid", uuid]
        operation["uuid-name"] = "row%d" % len(self.operations)
        return ["named-uuid", operation["uuid-name"]]

    def _update(self, table):
        self.operations.append({
            "op": "update", "table": table, "where": self._where(table),
            "row": {c: self._json(table, c) for c in self._some(table)}})

    def _toggle(self, table):
        """Changes a row and changes it back."""
        if not self.dump[table]:
            return
        uuid = self.rng.choice(sorted(self.dump[table]))
        where = [["_uuid", "==", ["uuid", uuid]]]
        columns = [c for c in self._some(table)
                   if not self.schema.tables[table][c].key.get("refTable")]
        for value in (self._value,
                      lambda _, c: self.dump[table][uuid][c]):
            self.operations.append({
                "op": "update", "table": table, "where": where, "row": {
                    c: self.schema.tables[table][c].json(value(table, c))
                    for c in columns}})

    def _mutate(self, table):
        mutations = []
        for column in self._some(table):
            type = self.schema.tables[table][column]
            if type.scalar and type.key["type"] == "integer":
                # Not "*=": by -1 it is the end of ovsdb-server 3.1.
                mutations.append([column, self.rng.choice(["+=", "-=", "%="]),
                                  self.rng.randrange(1, 3)])
            elif type.max > 1:
                mutations.append([
                    column, self.rng.choice(["insert", "delete"]),
                    type.json(self._value(table, column))])
        if mutations:
            self.operations.append({
                "op": "mutate", "table": table, "where": self._where(table),
                "mutations": mutations})

    def _delete(self, table):
        """Deletes a row and whatever cannot be without it."""
        if not self.dump[table]:
            return
        self._delete_row(table, self.rng.choice(sorted(self.dump[table])))

    def _delete_row(self, table, uuid):
        for referrer, column in self.schema.references(table):
            type = self.schema.tables[referrer][column]
            for other, row in sorted(self.dump[referrer].items()):
                if uuid in type.pairs(row[column]) and type.min == 1:
                    self._delete_row(referrer, other)
        if not self.schema.is_root(table):
            # It goes when nobody refers to it any more.
            for referrer, column in self.schema.references(table):
                self.operations.append({
                    "op": "mutate", "table": referrer, "where": [
                        [column, "includes", ["uuid", uuid]]],
                    "mutations": [[column, "delete", ["uuid", uuid]]]})
            return
        self.operations.append({"op": "delete", "table": table,
                                "where": [["_uuid", "==", ["uuid", uuid]]]})

    def _where(self, table):
        rng = self.rng
        if rng.random() < 0.15:
            column = rng.choice(sorted(self.schema.tables[table]))
            type = self.schema.tables[table][column]
            if not self.schema.indexed(table):
                return [[column, "==", type.json(self.value(table, column))]]
        known = sorted(self.dump[table]) + self.new[table]
        if not known:
            return [False] if rng.random() < 0.5 else [
                ["_uuid", "==", ["uuid", made_up_uuid(rng)]]]
        return [["_uuid", "==", ["uuid", rng.choice(known)]]]

    def _some(self, table):
        columns = sorted(c for c in self.schema.tables[table]
                         if (table, c) not in KEPT)
        return self.rng.sample(columns, min(len(columns), self.rng.choice(
            [1, 1, 1, 2, 3])))

    # Values.

    def _json(self, table, column):
        """Returns a value's JSON, with new rows for it if need be."""
        type = self.schema.tables[table][column]
        target = type.key.get("refTable")
        if not target:
            return type.json(self._value(table, column))
        size = self._size(type)
        if self.schema.is_root(target):
            known = sorted(self.dump[target]) + self.new[target]
            chosen = [["uuid", u] for u in self.rng.sample(
                known, min(size, len(known)))]
            if not chosen and size:
                chosen = [self._insert(target)]
        else:
            chosen = [self._insert(target) for _ in range(size)]
        return ["set", chosen] if len(chosen) != 1 else chosen[0]

    def _value(self, table, column):
        type = self.schema.tables[table][column]
        unique = column in self.schema.indexed(table)
        keys = {self._atom(type.key, unique) for _ in range(self._size(type))}
        if type.value:
            return frozenset((k, self._atom(type.value, unique))
                             for k in keys)
        return next(iter(keys)) if type.scalar else frozenset(keys)

    def _size(self, type):
        return self.rng.randint(type.min, int(min(type.max, 3)))

    def _atom(self, base, unique):
        rng, kind = self.rng, base["type"]
        if "enum" in base:
            return rng.choice(base["enum"][1])
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "integer":
            return base.get("minInteger", 0) + (
                rng.randrange(200) if unique else rng.choice([0, 1, 2, 100]))
        if kind == "uuid":
            tables = [base.get("refTable") or rng.choice(["Port", "Network"])]
            known = [u for t in tables for u in sorted(self.dump[t])]
            if known and rng.random() < 0.9:
                return rng.choice(known)
            return made_up_uuid(rng)
        if rng.random() < 0.01:
            return rng.choice("pqr") * LONG
        if unique and rng.random() < 0.8:
            return "unique%d" % rng.randrange(200)
        return rng.choice(WORDS)
