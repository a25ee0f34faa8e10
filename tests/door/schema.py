# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The northbound schema, and values of its columns.

A value is written so that equal values are equal here, whatever JSON they
came as: a scalar as its atom, a set as a frozenset of atoms, a map as a
frozenset of pairs; an atom as str, int or bool, a UUID as str."""

import json

from lab import paths

# Columns that every table has besides.
IMPLICIT = ("_uuid", "_version")


class BadValue(Exception):
    """JSON that is no value of its column."""


class Type:
    """A column's type; `json` is as in the schema."""

    def __init__(self, json):
        base = json if isinstance(json, dict) else {"key": json}
        self.key = _base(base["key"])
        self.value = _base(base["value"]) if "value" in base else None
        self.min = base.get("min", 1)
        self.max = base.get("max", 1)
        if self.max == "unlimited":
            self.max = float("inf")
        self.scalar = self.min == self.max == 1 and not self.value
        self.optional = self.min == 0 and self.max == 1 and not self.value

    def parse(self, json):
        """Returns the value that `json` stands for."""
        if self.value:
            pairs = _tagged(json, "map")
            value = frozenset((_atom(self.key, k), _atom(self.value, v))
                              for k, v in pairs)
            if len({k for k, _ in value}) != len(pairs):
                raise BadValue("twice the same key: %s" % (json,))
        else:
            atoms = [json] if _is_atom(json) else _tagged(json, "set")
            value = frozenset(_atom(self.key, a) for a in atoms)
            if len(value) != len(atoms):
                raise BadValue("twice the same: %s" % (json,))
        if not self.min <= len(value) <= self.max:
            raise BadValue("too few or too many: %s" % (json,))
        return next(iter(value)) if self.scalar else value

    def parse_diff(self, json):
        """Returns what `json` stands for as a difference, of which there may
        be less or more than of a value."""
        if self.max == 1:
            return self.parse(json)
        loose = Type.__new__(Type)
        loose.__dict__ = dict(self.__dict__, min=0, max=float("inf"))
        return loose.parse(json)

    def json(self, value):
        """Returns the JSON of a value."""
        if self.value:
            return ["map", [[_atom_json(self.key, k),
                             _atom_json(self.value, v)]
                            for k, v in sorted(value)]]
        if self.scalar:
            return _atom_json(self.key, value)
        return ["set", [_atom_json(self.key, a) for a in sorted(value)]]

    def pairs(self, value):
        """Returns the elements of a value, a scalar's too, as a set."""
        return frozenset([value]) if self.scalar else value

    def default(self):
        if not self.scalar:
            return frozenset()
        return {"string": "", "integer": 0, "boolean": False,
                "uuid": "00000000-0000-0000-0000-000000000000"}[
                    self.key["type"]]

    def apply_diff(self, old, diff):
        """Returns what `old` becomes by a difference as an update2 has it."""
        if self.max == 1:
            return diff
        if not self.value:
            return old ^ diff
        new = dict(old)
        for key, value in diff:
            if (key, value) in old:
                del new[key]
            else:
                new[key] = value
        return frozenset(new.items())


class Schema:
    """`tables` is {table: {column: Type}}, without implicit columns;
    `json` the whole."""

    def __init__(self, path=paths.NB_SCHEMA):
        with open(path) as f:
            self.json = json.load(f)
        self.tables = {
            name: {column: Type(c["type"])
                   for column, c in table["columns"].items()}
            for name, table in self.json["tables"].items()}

    def type(self, table, column):
        return UUID if column == "_uuid" else self.tables[table][column]

    def parse_row(self, table, row):
        """Returns {column: value} of a row's JSON, without implicit
        columns."""
        return {column: self.type(table, column).parse(value)
                for column, value in row.items() if column not in IMPLICIT}

    def is_root(self, table):
        return self.json["tables"][table].get("isRoot", False)

    def indexed(self, table):
        """Returns the columns of the table's indexes."""
        return {c for index in self.json["tables"][table].get("indexes", ())
                for c in index}

    def references(self, table, weak=False):
        """Yields (table, column) of what refers to `table`."""
        for name, columns in self.tables.items():
            for column, type in columns.items():
                for base in (type.key, type.value):
                    if (base and base.get("refTable") == table
                            and (weak or base.get("refType") != "weak")):
                        yield name, column


def _base(json):
    return json if isinstance(json, dict) else {"type": json}


def _is_atom(json):
    return (isinstance(json, (str, int))
            or isinstance(json, list) and json and json[0] == "uuid")


def _tagged(json, tag):
    if (not isinstance(json, list) or len(json) != 2 or json[0] != tag
            or not isinstance(json[1], list)):
        raise BadValue("not a %s: %s" % (tag, json))
    return json[1]


def _atom(base, json):
    kind = base["type"]
    if kind == "uuid":
        if (isinstance(json, list) and len(json) == 2 and json[0] == "uuid"
                and isinstance(json[1], str) and len(json[1]) == 36):
            return json[1]
    elif type(json) is {"string": str, "integer": int, "boolean": bool}[kind]:
        return json
    raise BadValue("not a %s: %s" % (kind, json))


def _atom_json(base, atom):
    return ["uuid", atom] if base["type"] == "uuid" else atom


UUID = Type("uuid")
