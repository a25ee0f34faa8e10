# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What a monitor's condition means, by the words of RFC 7047 and
ovsdb-server(7): rows for which any of its clauses is true, and all rows if
there is none.  And random conditions."""

import operator
import uuid

ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt,
         ">=": operator.ge}

# How many clauses a random condition has, and how often.
SIZES = [0, 1, 2, 3, 30], [1, 8, 4, 2, 1]


def matches(schema, table, condition, uuid, row):
    """True if a row, {column: value}, is in a monitor's view."""
    return not condition or any(
        _clause(schema, table, clause, uuid, row) for clause in condition)


def _clause(schema, table, clause, uuid, row):
    if isinstance(clause, bool):
        return clause
    column, function, json = clause
    type = schema.type(table, column)
    field = type.pairs(uuid if column == "_uuid" else row[column])
    # An argument may have more elements than the column has room for.
    argument = (type.pairs(type.parse(json)) if type.scalar
                else _loose(type).parse(json))
    if function == "==":
        return field == argument
    if function == "!=":
        return field != argument
    if function == "includes":
        return argument <= field
    if function == "excludes":
        return not argument & field
    return bool(field) and ORDER[function](*field, *argument)


def _loose(type):
    loose = type.__class__.__new__(type.__class__)
    loose.__dict__ = dict(type.__dict__, min=0, max=float("inf"),
                          scalar=False)
    return loose


class Generator:
    """Random conditions.  `values`, a function of (table, column), returns
    a value as it may well be found there."""

    def __init__(self, schema, rng, values):
        self.schema, self.rng, self.values = schema, rng, values

    def condition(self, table):
        """Returns a condition, as JSON."""
        rng = self.rng
        size = rng.choices(*SIZES)[0]
        if size == 30:
            # What agents ask for: one of many.
            column = rng.choice(["_uuid", *self._scalars(table)])
            return [self._clause(table, column, "==") for _ in range(size)]
        clauses = [self._any(table) for _ in range(size)]
        # Of each of these one is enough, and one is all that ovsdb-server
        # makes no mistake with.
        for constant in (True, False):
            if rng.random() < 0.1:
                clauses.insert(rng.randrange(len(clauses) + 1), constant)
        return clauses

    def _scalars(self, table):
        return [c for c, t in self.schema.tables[table].items() if t.scalar]

    def _any(self, table):
        columns = ["_uuid", *self.schema.tables[table]]
        column = self.rng.choice(columns)
        type = self.schema.type(table, column)
        functions = ["==", "==", "!=", "includes", "excludes"]
        if type.key["type"] == "integer" and (type.scalar or type.optional):
            functions += list(ORDER)
        return self._clause(table, column, self.rng.choice(functions))

    def _clause(self, table, column, function):
        rng, type = self.rng, self.schema.type(table, column)
        value = self.values(table, column)
        if type.scalar:
            return [column, function, type.json(value)]
        if function in ORDER:
            while not value:
                value = self.values(table, column)
            return [column, function, *value]
        if function in ("includes", "excludes"):
            value = set(rng.sample(sorted(value), rng.randrange(
                len(value) + 1)))
            if function == "excludes" and rng.random() < 0.3:
                more = self.values(table, column)
                keys = {k for k, _ in value} if type.value else ()
                value |= {e for e in more if not type.value
                          or e[0] not in keys}
            if type.max == 1 and function == "includes":
                value = set(list(value)[:1])
        return [column, function, type.json(value)]


def made_up_uuid(rng):
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
