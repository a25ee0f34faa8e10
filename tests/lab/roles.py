# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A northbound database with certificates and roles, and what clients try
there: for tests of who may write what, at ovsdb-server or at a notifier's
OVSDB door, whichever is where agents connect."""

import json
import os

from . import paths, process, tls

# What agents write, with the columns that say whose row it is, and of what.
STATUS = {"Agent": ["host"],
          "Port_Binding": ["host", "port", "network"],
          "Network_Binding": ["host", "network"],
          "Port_Location": ["host", "port", "network"],
          "Network_Location": ["host", "network"]}

# A UUID that is no row's.
OTHER = ["uuid", "00000000-0000-4000-8000-000000000001"]


class Scene:
    """A northbound database that asks for certificates, and those of an
    operator and of hypervisors hv1 and hv2.  The laboratory's OVSDB door, if
    it has one, asks for certificates too, and `db.remote` is there then;
    `direct` is always the database's own, for agents, and `unix` a socket of
    the door, with the same role."""

    def __init__(self, lab):
        self.lab, self.nb = lab, lab.nb
        self.authority = tls.Authority(os.path.join(lab.dir, "tls"))
        self.ca = self.authority.own.certificate
        self.db = tls.Secured(lab.nb, self.authority.issue("nb"))
        self.operator, self.hv1, self.hv2 = map(
            self.authority.issue, ("operator", "hv1", "hv2"))
        self.direct = self.db.remote
        self.door_identity = None
        if lab.door:
            # Without a name, anybody at this socket.
            self.unix = "unix:%s/unnamed.sock" % lab.dir
            self.door_identity = self.authority.issue("notifier")
            lab.door.secure(self.db.operators, self.door_identity, tls.ROLE,
                            "--remote=p" + self.unix)
            self.db.remote = lab.door.remote

    def ctl(self, *args):
        """Runs sluice-nbctl over TLS."""
        return self.db.ctl(self.operator, "--timeout=30", *args)

    def add_hypervisor(self, name, identity):
        """Starts a hypervisor whose agent has the certificate of
        `identity`."""
        hv = self.lab.add_hypervisor(name)
        hv.agent.plain_argv = list(hv.agent.argv)
        self.start_agent(hv, identity)
        return hv

    def start_agent(self, hv, identity):
        """Starts a hypervisor's agent, anew, as `identity`."""
        hv.agent.stop()
        hv.agent.argv = hv.agent.plain_argv + identity.options()
        hv.start_agent()

    def fill(self):
        """Makes a row of every table of intent, and has each agent's
        certificate write its rows."""
        self.ctl("net-add", "blue", "network_type=vlan",
                 "physical_network=physnet1", "segmentation_id=100", "--",
                 "port-add", "blue", "a", "--", "host-disable", "hv1")
        port = ["uuid", self.nb.uuid("Port", "a")]
        network = ["uuid", self.nb.uuid("Network", "blue")]
        self.nb.transact(
            {"op": "insert", "table": "Subnet", "uuid-name": "s",
             "row": {"network": network, "cidr": "10.0.0.0/24",
                     "ip_version": 4}},
            {"op": "insert", "table": "IP_Allocation", "uuid-name": "i",
             "row": {"subnet": ["named-uuid", "s"],
                     "ip_address": "10.0.0.1"}},
            {"op": "update", "table": "Port", "where": [],
             "row": {"ip_allocations": ["named-uuid", "i"]}})
        for identity, host in ((self.hv1, "hv1"), (self.hv2, "hv2")):
            self.check_allowed(
                identity, insert("Agent", host=host),
                insert("Port_Binding", host=host, port=port,
                       network=network),
                insert("Network_Binding", host=host, network=network),
                insert("Port_Location", host=host, port=port,
                       network=network),
                insert("Network_Location", host=host, network=network))

    def status_rows(self, host):
        """Returns the rows that the agent of `host` has written."""
        return [row for table in STATUS for row in
                self.nb.rows(table, where=of(host))]

    def contents(self):
        """Returns all of the database, but for what the server itself writes
        into it."""
        rows = {table: self.nb.rows(table) for table in schema()
                if table != "Connection"}
        return json.dumps(rows, sort_keys=True)

    def check_refused(self, identity, *operations, remote=None):
        """Checks that the database refuses each of `operations`, and does
        nothing."""
        before = self.contents()
        for operation in operations:
            result = self.db.transact(identity, operation, remote=remote)[0]
            assert result.get("error") == "permission error", (operation,
                                                               result)
        assert self.contents() == before

    def check_intent_refused(self, identity, remote=None):
        """Checks that the database refuses whatever it might be asked to do
        to tables that are not agents'."""
        for table in set(schema()) - set(STATUS):
            row = columns(self.nb.rows(table)[0])
            self.check_refused(
                identity, insert(table, **row), delete(table, None),
                *(update(table, None, **{c: v}) for c, v in row.items()),
                remote=remote)

    def check_allowed(self, identity, *operations, remote=None):
        """Checks that the database does each of `operations` to a row."""
        for operation in operations:
            result = self.db.transact(identity, operation, remote=remote)[0]
            assert "uuid" in result or result.get("count") == 1, (operation,
                                                                  result)


def schema():
    """Returns the tables of the schema."""
    with open(paths.NB_SCHEMA) as f:
        return json.load(f)["tables"]


def insert(table, /, **row):
    return {"op": "insert", "table": table, "row": row}


def update(table, host, /, **row):
    """Changes the rows of `host`, of any if that is None."""
    return {"op": "update", "table": table, "where": of(host), "row": row}


def delete(table, host):
    return {"op": "delete", "table": table, "where": of(host)}


def columns(row):
    """Returns `row` as one may write it."""
    return {c: v for c, v in row.items() if not c.startswith("_")}


def of(host):
    return [["host", "==", host]] if host else []


def check_stopped(flow):
    """Checks that no packet of `flow`, which goes on, comes any more, and
    ends it."""
    received, sent = flow.report()["received"], flow.sent()
    assert received
    process.wait_until(lambda: flow.sent() > sent + 300, what="packets sent")
    assert flow.stop()["received"] == received


def check_works(scene, a, b):
    """Checks that the agents of hv1, which has `a` and `b`, and hv2 obey and
    acknowledge."""
    flow = a.start_flow(b)
    flow.wait_received()
    scene.ctl("--wait=hv", "port-disable", "b")
    check_stopped(flow)
    assert scene.nb.binding(b.port, "hv1")["revision_number"] \
        == scene.nb.rows("Port", where=[["name", "==", "b"]])[0][
            "revision_number"]
    scene.ctl("--wait=hv", "port-enable", "b")
    assert a.reaches(b)

    for kind, name in (("net", "blue"), ("host", "hv1"), ("host", "hv2")):
        scene.ctl("--wait=hv", kind + "-disable", name)
        assert not (name != "hv2" and a.reaches(b))
        scene.ctl("--wait=hv", kind + "-enable", name)
    assert a.reaches(b)
    revision = scene.nb.rows("Network")[0]["revision_number"]
    assert {(r["host"], r["revision_number"]) for r in
            scene.nb.rows("Network_Binding")} == {("hv1", revision),
                                                  ("hv2", revision)}
