#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What sluice-nbctl records of who made a change: updated_by and
last_deletion."""

import json
import os
import pwd
import re
import socket
import tempfile

from lab import paths, tap
from lab.nbserver import NbServer

INTENT = ("Network", "Port", "Subnet", "Host")
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def me():
    return "nbctl:%s@%s" % (pwd.getpwuid(os.getuid()).pw_name,
                            socket.gethostname())


def is_me(updated_by, command):
    """Whether that is what we write who run `command`."""
    who, _, what = updated_by.partition(": ")
    return who == me() and (what.endswith(command) if len(what) < 200
                            else what.endswith("..."))


def fill(nb):
    """Makes a row called "x" in each table of intent."""
    nb.ctl("net-add", "x", "--", "port-add", "x", "x", "--",
           "host-enable", "x", "--", "--id=@s", "create", "Subnet", "name=x",
           "ip_version=4", "network=@n", "--",
           "--id=@n", "create", "Network", "name=s")


def last_deletion(nb):
    """Returns the UUIDs, who, and the comment."""
    (row,) = nb.rows("NB_Global")
    found = re.fullmatch(r"(%s(?:,%s)*) by (\S*): (.*)" % (UUID, UUID),
                         row["last_deletion"])
    assert found, row["last_deletion"]
    uuids, who, comment = found.groups()
    return set(uuids.split(",")), who, comment


@tap.case("every change says who made it")
def changes():
    with NbServer() as nb:
        fill(nb)
        for table in INTENT:
            assert is_me(nb.get(table, "x", "updated_by"), "name=s")
        for table in INTENT:
            nb.transact({"op": "update", "table": table, "where": [],
                         "row": {"updated_by": "somebody else"}})
        nb.ctl("port-enable", "x")
        assert nb.get("Port", "x", "updated_by") == "somebody else"
        nb.ctl("port-disable", "x", "--", "net-disable", "x", "--",
               "host-disable", "x", "--", "set", "Subnet", "x", "tags=t")
        for table in INTENT:
            assert is_me(nb.get(table, "x", "updated_by"), "tags=t")
        assert nb.get("Network", "s", "updated_by") == "somebody else"
        assert nb.rows("NB_Global")[0]["last_deletion"] == ""


@tap.case("updated_by cannot be set by hand")
def by_hand():
    with NbServer() as nb:
        fill(nb)
        for table in INTENT:
            assert "updated_by of" in nb.fail("set", table, "x",
                                              "updated_by=me")
            assert is_me(nb.get(table, "x", "updated_by"), "name=s")


@tap.case("a deletion says what was deleted, by whom and how")
def deletions():
    with NbServer() as nb:
        fill(nb)
        port = nb.uuid("Port", "x")
        nb.ctl("port-del", "x")
        uuids, who, comment = last_deletion(nb)
        assert (uuids, who) == ({port}, me())
        assert comment.endswith(" port-del x"), comment

        several = {nb.uuid("Network", "x"), nb.uuid("Host", "x"),
                   nb.uuid("Subnet", "x"), nb.uuid("Network", "s")}
        nb.ctl("net-del", "x", "--", "destroy", "Host", "x", "--",
               "net-del", "s")
        uuids, who, comment = last_deletion(nb)
        assert (uuids, who) == (several, me())

        nb.ctl("net-add", "y")
        assert last_deletion(nb)[0] == several


@tap.case("a long command line is recorded in part, whole characters only")
def long_comment():
    with NbServer() as nb:
        nb.ctl("net-add", "blue")
        for pad in range(4):
            names = ["x" * pad + "\u20ac" * 500 + str(i) for i in range(2)]
            for name in names:
                nb.ctl("port-add", "blue", name)
            nb.ctl("port-del", names[0], "--", "port-del", names[1])
            uuids, _, comment = last_deletion(nb)
            assert len(uuids) == 2
            assert comment.endswith("\u20ac..."), comment
            assert 997 <= len(comment.encode()) - 3 <= 1000


@tap.case("a database that nobody initialized can be written all the same")
def uninitialized():
    with NbServer(init=False) as nb:
        nb.ctl("--retry", "--timeout=10", "net-add", "x", "--",
               "port-add", "x", "x")
        nb.ctl("port-del", "x")
        assert nb.rows("Port") == [] and nb.rows("NB_Global") == []
        assert is_me(nb.get("Network", "x", "updated_by"), "port-add x x")


@tap.case("a server with the schema 1.0 is written without authors")
def old_schema():
    with open(paths.NB_SCHEMA) as f:
        schema = json.load(f)
    for table in INTENT:
        del schema["tables"][table]["columns"]["updated_by"]
    del schema["tables"]["NB_Global"]["columns"]["last_deletion"]
    schema["version"] = "1.0.0"
    with tempfile.NamedTemporaryFile("w", suffix=".ovsschema") as f:
        json.dump(schema, f)
        f.flush()
        with NbServer(schema=f.name) as nb:
            fill(nb)
            nb.ctl("port-disable", "x")
            assert nb.revision("Port", "x") == 2
            nb.ctl("port-del", "x")
            assert nb.rows("Port") == []


tap.main()
