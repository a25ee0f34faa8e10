#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""sluice-nbctl and the database: the commands of db-ctl-base, revisions,
clients at the same time, lost servers, certificates, and what is
downloaded."""

import json
import os
import re
import signal
import socket
import ssl
import tempfile
import time

from lab import paths, process, tap, wait_until
from lab.nbserver import NbServer
from lab.ovsdb import OvsdbClient, OvsdbError

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
INTENT = ("Network", "Port", "Subnet", "Host")


def fill(nb):
    """Makes one row in each table of intent, called "x"; of the port and the
    network there is another, "other"."""
    nb.ctl("net-add", "x", "--", "port-add", "x", "x", "--",
           "net-add", "other", "--", "port-add", "other", "other", "--",
           "host-enable", "x", "--",
           "--id=@s", "create", "Subnet", "name=x", "ip_version=4",
           "network=" + "@n", "--", "--id=@n", "create", "Network", "name=s")


def revisions(nb):
    return {(table, row.get("name", row.get("host"))): row["revision_number"]
            for table in INTENT for row in nb.rows(table)}


@tap.case("every way to write raises the revision by one, nothing else's")
def revision_rule():
    with NbServer() as nb:
        fill(nb)
        expected = revisions(nb)
        assert set(expected.values()) == {1}, expected
        for table in INTENT:
            for command in (("set", table, "x", "description=a"),
                            ("set", table, "x", "external_ids:k=v"),
                            ("set", table, "x", "external_ids:k=w",
                             "description=b"),
                            ("add", table, "x", "tags", "t1", "t2"),
                            ("add", table, "x", "external_ids", "l=v"),
                            ("remove", table, "x", "tags", "t1"),
                            ("remove", table, "x", "external_ids", "l"),
                            ("clear", table, "x", "tags"),
                            ("set", table, "x", "description=c", "--",
                             "set", table, "x", "description=d", "--",
                             "add", table, "x", "tags", "t")):
                nb.ctl(*command)
                expected[table, "x"] += 1
                assert revisions(nb) == expected, command
            for command in (("set", table, "x", "description=d"),
                            ("set", table, "x", "external_ids:k=w"),
                            ("add", table, "x", "tags", "t"),
                            ("remove", table, "x", "tags", "u"),
                            ("set", table, "x", "description=e", "--",
                             "set", table, "x", "description=d"),
                            ("get", table, "x", "revision_number"),
                            ("list", table, "x"), ("comment", "hello")):
                nb.ctl(*command)
                assert revisions(nb) == expected, command


@tap.case("one that changes among several that do not raises only its own")
def revision_mixed():
    with NbServer() as nb:
        fill(nb)
        before = {r["name"]: r["updated_at"] for r in nb.rows("Port")}
        nb.ctl("port-enable", "other", "--", "port-disable", "x", "--",
               "net-enable", "x")
        after = revisions(nb)
        assert after["Port", "x"] == 2
        assert sum(after.values()) == len(after) + 1
        assert nb.get("Port", "other", "updated_at") == before["other"]


@tap.case("times are in the API's format, and updated_at moves")
def times():
    with NbServer() as nb:
        fill(nb)
        for table in INTENT:
            for row in nb.rows(table):
                assert TIME.fullmatch(row["created_at"]), row
                assert row["updated_at"] == row["created_at"]
        nb.transact({"op": "update", "table": "Port", "where": [],
                     "row": {"created_at": "2001-01-01T00:00:00Z",
                             "updated_at": "2001-01-01T00:00:00Z"}})
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        nb.ctl("port-disable", "x")
        after = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        assert before <= nb.get("Port", "x", "updated_at") <= after
        assert nb.get("Port", "x", "created_at").startswith("2001")


@tap.case("created rows are admin up unless told otherwise")
def created_up():
    with NbServer() as nb:
        fill(nb)
        for table in ("Network", "Port", "Host"):
            assert all(r["admin_state_up"] for r in nb.rows(table)), table
        nb.ctl("create", "Host", "host=down", "admin_state_up=false")
        nb.ctl("create", "Host", "host=up")
        assert nb.get("Host", "down", "admin_state_up") == "false"
        assert nb.get("Host", "up", "admin_state_up") == "true"


@tap.case("revision_number and updated_at cannot be set by hand")
def revision_by_hand():
    with NbServer() as nb:
        fill(nb)
        before = revisions(nb)
        for table in INTENT:
            assert "revision_number of" in nb.fail(
                "set", table, "x", "revision_number=7")
        assert "updated_at of" in nb.fail("set", "Port", "x",
                                          "updated_at=now")
        assert "revision_number of" in nb.fail("create", "Host", "host=h",
                                               "revision_number=7")
        assert revisions(nb) == before


@tap.case("options of NB_Global that make no sense are not set")
def global_options():
    with NbServer() as nb:
        def options():
            row, = nb.rows("NB_Global")
            return dict(row["options"][1])

        good = {"vxlan-vni-ranges": "1:1000,2000:3000",
                "geneve-vni-ranges": "5:5", "underlay-mtu": "9000",
                "overlay-ip-version": "6", "tenant-network-type": "geneve",
                "of-somebody-else": "whatever"}
        args = ["options:%s=\"%s\"" % o for o in good.items()]
        nb.ctl("set", "NB_Global", ".", *args)
        assert options() == good
        for name, value, reason in (
                ("vxlan-vni-ranges", "5", "is not a range FIRST:LAST"),
                ("geneve-vni-ranges", "1:9,9:9", "overlap"),
                ("underlay-mtu", "9k", "is not a number of bytes"),
                ("overlay-ip-version", "5", "is neither 4 nor 6"),
                ("tenant-network-type", "vlan", "is none of local,")):
            stderr = nb.fail("set", "NB_Global", ".", "options:%s=\"%s\"" % (
                name, value))
            assert "NB_Global option %s: " % name in stderr, stderr
            assert reason in stderr, stderr
            assert options() == good
        nb.ctl("remove", "NB_Global", ".", "options", "underlay-mtu", "--",
               "net-add", "blue")
        assert nb.get("Network", "blue", "mtu") == "1430"

        # One that another program has written keeps nobody from the rest.
        nb.transact({"op": "update", "table": "NB_Global", "where": [],
                     "row": {"options": ["map", [["underlay-mtu", "9k"]]]}})
        nb.ctl("set", "NB_Global", ".", "options:overlay-ip-version=6")
        nb.ctl("set", "NB_Global", ".", "external_ids:a=b")
        assert "underlay-mtu" in nb.fail("set", "NB_Global", ".",
                                         "options:underlay-mtu=8k")
        nb.ctl("clear", "NB_Global", ".", "options")
        assert options() == {}


@tap.case("what an older schema lacks is said")
def old_schema():
    with open(paths.NB_SCHEMA) as f:
        schema = json.load(f)
    del schema["tables"]["Port_Location"]
    del schema["tables"]["Network_Location"]
    schema["version"] = "1.1.0"
    with tempfile.NamedTemporaryFile("w", suffix=".ovsschema") as f:
        json.dump(schema, f)
        f.flush()
        with NbServer(schema=f.name) as nb:
            nb.ctl("net-add", "blue", "network_type=vxlan", "--", "port-add",
                   "blue", "a", "--", "net-disable", "blue")
            for args in (("show",), ("show", "blue")):
                stderr = nb.fail("--timeout=10", *args)
                assert "has no table Network_Location" in stderr, stderr
            nb.ctl("net-enable", "blue", "--", "port-list")


@tap.case("the commands of ovs-vsctl work as they do there")
def generic():
    with NbServer() as nb:
        fill(nb)
        uuid = nb.uuid("Port", "x")
        assert nb.ctl("get", "Port", uuid[:8], "name") == "x"
        assert nb.ctl("--columns=name", "find", "Port", "name=x").split(
            )[-1] == "x"
        assert json.loads(nb.ctl("-f", "json", "--columns=name", "list",
                                 "port", "x"))["data"] == [["x"]]
        assert nb.ctl("--bare", "--columns=name", "list", "Port").split(
            ) in (["x", "other"], ["other", "x"])
        assert nb.ctl("--if-exists", "get", "Port", "nope", "name") == ""
        assert "no row \"nope\"" in nb.fail("get", "Port", "nope", "name")
        assert "unknown table" in nb.fail("list", "Nope")
        assert "does not contain a column" in nb.fail("get", "Port", "x",
                                                      "nope")
        assert nb.ctl("get", "NB_Global", ".", "options") == "{}"
        assert nb.ctl("get", "nb_g", ".", "options") == "{}"
        nb.ctl("destroy", "Port", "x", "--", "destroy", "Network", "s", "--",
               "--all", "destroy", "Subnet")
        assert [r["name"] for r in nb.rows("Port")] == ["other"]
        assert "constraint violation" in nb.fail("set", "Network", "x",
                                                 "mtu=-1")
        assert "referential integrity" in nb.fail("destroy", "Network",
                                                  "other")
        chosen = "01234567-89ab-cdef-0123-456789abcdef"
        assert nb.ctl("--id=" + chosen, "create", "Network",
                      "name=z") == chosen
        assert nb.uuid("Network", "z") == chosen
        assert "never created" in nb.fail("set", "Network", "x",
                                          "segment=@nope")


@tap.case("wait-until waits for what another client does")
def wait_until_command():
    with NbServer() as nb:
        fill(nb)
        wiretap = nb.tap()
        started = nb.start_ctl("wait-until", "Port", "x",
                               "admin_state_up=false", "--", "get", "Port",
                               "x", "revision_number", db=wiretap.db)
        wait_until(lambda: b"monitor_cond" in wiretap.sent)
        assert started.poll() is None
        nb.ctl("port-disable", "x")
        out, err = started.communicate()
        assert (started.returncode, out.strip()) == (0, "2"), err
        nb.ctl("--timeout=5", "wait-until", "Port", "other",
               "admin_state_up=true")


@tap.case("many clients change one port at a time: each change counts")
def concurrent():
    n = 24
    with NbServer() as nb:
        fill(nb)
        started = [nb.start_ctl("--timeout=30", "set", "Port", "x",
                                "description=d%d" % i) for i in range(n)]
        for s in started:
            out, err = s.communicate()
            assert s.returncode == 0, err
        assert nb.revision("Port", "x") == 1 + n
        started = [nb.start_ctl("--timeout=30", "add", "Port", "x",
                                "tags", "t%d" % i) for i in range(n)]
        for s in started:
            out, err = s.communicate()
            assert s.returncode == 0, err
        row, = nb.rows("Port", where=[["name", "==", "x"]])
        assert row["revision_number"] == 1 + 2 * n
        assert len(row["tags"][1]) == n


@tap.case("a change that another made meanwhile is not taken back unseen")
def concurrent_toggle():
    with NbServer() as nb:
        fill(nb)
        seen = nb.watch({"Port": ["admin_state_up", "revision_number"]})
        started = [nb.start_ctl("--timeout=30", "port-%s" % verb, "x")
                   for verb in ("disable", "enable") * 8]
        for s in started:
            _, err = s.communicate()
            assert s.returncode == 0, err
        final = nb.revision("Port", "x")
        wait_until(lambda: len(seen.times) >= final - 1)
        seen.close()
        states = [row["new"] for _, update in seen.times
                  for row in update["Port"].values()]
        assert len(states) == final - 1
        up = True
        for number, state in enumerate(states):
            assert state["revision_number"] == number + 2, states
            assert state["admin_state_up"] is not up, states
            up = state["admin_state_up"]


def race(nb, *commands):
    """Runs command lines at a time; returns the errors of those that
    failed."""
    started = [nb.start_ctl("--timeout=30", *c) for c in commands]
    errors = []
    for s in started:
        _, err = s.communicate()
        assert s.returncode == (1 if err else 0), err
        if err:
            assert len(err.splitlines()) == 1, err
            errors.append(err)
    return errors


@tap.case("of clients that make the same thing one does, the others know why")
def concurrent_insert():
    with NbServer() as nb:
        fill(nb)
        for i in range(5):
            host = "new%d" % i
            assert race(nb, *[("host-disable", host)] * 6) == []
            assert nb.revision("Host", host) == 1
            errors = race(nb, *[
                ("port-add", "x", "%d-%d" % (i, n),
                 "mac_address=0a:00:00:00:00:%02x" % i) for n in range(6)])
            assert len(errors) == 5
            for error in errors:
                assert "is taken in network \"x\" by port" in error, error
            errors = race(nb, *[
                ("net-add", "%d-%d" % (i, n), "network_type=vxlan",
                 "segmentation_id=%d" % (i + 1)) for n in range(6)])
            assert len(errors) == 5
            for error in errors:
                assert "is already the segment of network" in error, error


@tap.case("clients that choose VNIs at a time all succeed, to the last VNI")
def concurrent_vnis():
    with NbServer() as nb:
        nb.ctl("set", "NB_Global", ".", "options:vxlan-vni-ranges=\"1:24\"")
        for i in range(4):
            assert race(nb, *[("net-add", "%d-%d" % (i, n),
                               "network_type=vxlan") for n in range(6)]) == []
        assert sorted(r["segmentation_id"] for r in nb.rows("Segment")) == [
            *range(1, 25)]
        nb.ctl("net-del", "0-0")
        errors = race(nb, *[("net-add", "last%d" % n, "network_type=vxlan")
                            for n in range(6)])
        assert len(errors) == 5
        for error in errors:
            assert "no VNI is left" in error, error


@tap.case("a network is not deleted under a port that is just added")
def concurrent_delete():
    with NbServer() as nb:
        for i in range(10):
            nb.ctl("net-add", "n")
            error, = race(nb, ("net-del", "n"), ("port-add", "n", "p"))
            if "has 1 port" in error:
                nb.ctl("port-del", "p", "--", "net-del", "n")
            else:
                assert "no network is named" in error, error
            assert nb.rows("Port") == nb.rows("Network") == []


@tap.case("no server: an error, or with --retry the timeout")
def no_server():
    with NbServer() as nb:
        fill(nb)
        nb.daemon.kill9()
        assert "database connection failed" in nb.fail("net-list")
        assert "Alarm clock" in nb.fail("--retry", "net-list",
                                        status=-signal.SIGALRM,
                                        env={"OVS_CTL_TIMEOUT": "1"})
        started = nb.start_ctl("--retry", "--timeout=30", "port-disable", "x")
        nb.daemon.start()
        assert started.wait() == 0
        assert nb.revision("Port", "x") == 2


@tap.case("--timeout ends a command that waits for ever")
def timeout():
    with NbServer() as nb:
        assert "Alarm clock" in nb.fail("--timeout=1", "wait-until", "Port",
                                        "nope", status=-signal.SIGALRM)


def big(nb, n):
    """Fills a database with one network of `n` ports "p<number>"."""
    network = nb.transact({"op": "insert", "table": "Network", "row": {
        "name": "big", "admin_state_up": True}})[0]["uuid"]
    for first in range(0, n, 1000):
        nb.transact(*({"op": "insert", "table": "Port", "row": {
            "name": "p%d" % i, "network": network, "admin_state_up": True,
            "mac_address": "0a:00:00:%02x:%02x:%02x" % (
                i >> 16, i >> 8 & 255, i & 255)}}
            for i in range(first, min(first + 1000, n))))


def bytes_received(nb, *args):
    """Returns how many bytes the server sends for a command."""
    wiretap = nb.tap()
    started = nb.start_ctl(*args, db=wiretap.db)
    _, err = started.communicate()
    assert started.returncode == 0, err
    received = len(wiretap.received)
    assert received
    return received


@tap.case("a VNI is chosen without download of those that are taken")
def cost_of_vni():
    received = {}
    for n in (10, 2000):
        with NbServer() as nb:
            nb.transact(*(op for i in range(n) for op in (
                {"op": "insert", "table": "Segment", "uuid-name": "s%d" % i,
                 "row": {"network_type": "vxlan",
                         "segmentation_id": i + 1}},
                {"op": "insert", "table": "Network", "row": {
                    "name": "n%d" % i, "segment": ["named-uuid", "s%d" % i]}}
            )))
            received[n] = bytes_received(nb, "net-add", "a",
                                         "network_type=vxlan")
            # To see that this would tell: here all are looked at.
            nb.ctl("set", "NB_Global", ".",
                   "options:vxlan-vni-ranges=\"1:%d\"" % (n + 1))
            assert bytes_received(nb, "net-add", "b",
                                  "network_type=vxlan") > n * 50
    assert abs(received[10] - received[2000]) < 200, received


@tap.case("a command about one port does not download the others")
def cost():
    received = {}
    for n in (10, 5000):
        with NbServer() as nb:
            big(nb, n)
            uuid = nb.uuid("Port", "p6")
            received[n] = [
                bytes_received(nb, *args) for args in (
                    ("port-disable", "p5"), ("port-enable", uuid),
                    ("--wait=hv", "port-disable", "p7"),
                    ("port-show", "p5"), ("port-add", "big", "new"),
                    ("port-del", "p8"), ("net-disable", "big"),
                    ("--wait=hv", "net-enable", "big"),
                    ("net-add", "another", "network_type=vxlan",
                     "segmentation_id=5"),
                    ("net-list",), ("host-disable", "h"),
                    ("set", "Port", "p5", "description=x"),
                    ("--wait=hv", "set", "port", uuid, "description=x"),
                    ("list", "Port", "p5"))]
            # To see that this would tell: here all ports are wanted.
            assert bytes_received(nb, "port-list") > n * 100
    for small, large in zip(received[10], received[5000]):
        assert abs(small - large) < 200, received


@tap.case("show of a network does not download what is of others")
def cost_of_show():
    received = {}
    for n in (10, 2000):
        with NbServer() as nb:
            big(nb, n)
            network = nb.rows("Network", ["_uuid"])[0]["_uuid"]
            ports = nb.rows("Port", ["_uuid"])
            for row in ({"host": "hv1", "claim": 1}, {"host": "hv2"}):
                table = "Port_Location" if "claim" in row else "Port_Binding"
                nb.transact(*({"op": "insert", "table": table, "row": dict(
                    row, port=port["_uuid"], network=network)}
                    for port in ports))
            nb.transact(*({"op": "insert", "table": "Network_Location",
                           "row": {"host": "hv%d" % i, "network": network}}
                          for i in range(n)))
            for i in range(n // 10):
                nb.transact(
                    {"op": "insert", "table": "Segment", "uuid-name": "s",
                     "row": {"network_type": "vxlan",
                             "segmentation_id": i + 1}},
                    {"op": "insert", "table": "Network", "row": {
                        "name": "n%d" % i, "segment": ["named-uuid", "s"]}})
            nb.ctl("net-add", "small", "network_type=geneve", "--",
                   "port-add", "small", "a")
            received[n] = bytes_received(nb, "show", "small")
            # To see that this would tell: here everything is wanted.
            assert bytes_received(nb, "show") > n * 500
    assert abs(received[10] - received[2000]) < 200, received


def make_certificates(directory, names):
    """Makes ca.pem and, for each name, NAME.pem and NAME.key."""
    def openssl(*args):
        process.run(["openssl", *args])

    def path(name):
        return os.path.join(directory, name)

    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
               "-nodes")
    openssl("req", "-x509", *new_key, "-days", "2", "-subj", "/CN=test CA",
            "-keyout", path("ca.key"), "-out", path("ca.pem"))
    for name in names:
        openssl("req", *new_key, "-subj", "/CN=" + name, "-keyout",
                path(name + ".key"), "-out", path(name + ".csr"))
        openssl("x509", "-req", "-days", "2", "-in", path(name + ".csr"),
                "-CA", path("ca.pem"), "-CAkey", path("ca.key"),
                "-CAcreateserial", "-out", path(name + ".pem"))


def bound_port(nb, target):
    """Returns the port on which the server listens for `target`."""
    def look():
        row, = nb.rows("Connection", where=[["target", "==", target]])
        return dict(row["status"][1]).get("bound_port")
    return int(wait_until(look, what="the server to listen"))


class TlsClient(OvsdbClient):
    """A connection to the server at `address` with certificate `name`."""

    def __init__(self, nb, name, *address):
        super().__init__(nb.socket, "Sluice_Northbound")
        self.close()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(os.path.join(nb.dir, "ca.pem"))
        context.load_cert_chain(os.path.join(nb.dir, name + ".pem"),
                                os.path.join(nb.dir, name + ".key"))
        self.socket = context.wrap_socket(
            socket.create_connection(address))


def refused(client, *operations):
    try:
        client.transact(*operations)
    except OvsdbError as e:
        return "permission error" in str(e) or "RBAC" in str(e)
    return False


@tap.case("SSL, and an agent's certificate opens its own rows and no others")
def certificates():
    tls = ["--private-key=@DIR@/server.key", "--certificate=@DIR@/server.pem",
           "--ca-cert=@DIR@/ca.pem",
           "--remote=db:Sluice_Northbound,NB_Global,connections"]
    nb = NbServer(options=tls)
    make_certificates(nb.dir, ("server", "operator", "hv1"))
    with nb:
        nb.ctl("set-connection", "pssl:0:127.0.0.1", "role=sluice-agent",
               "pssl:0:127.0.0.2")
        remote = "ssl:127.0.0.1:%d" % bound_port(nb, "pssl:0:127.0.0.1")
        options = ["--db=" + remote]
        for option, name in (("-p", "operator.key"), ("-c", "operator.pem"),
                             ("-C", "ca.pem")):
            options += [option, os.path.join(nb.dir, name)]
        nb.ctl(*options, "net-add", "blue", "--", "host-enable", "hv1")
        nb.fail("--db=" + remote, "net-list")

        agent = TlsClient(nb, "hv1", "127.0.0.2",
                          bound_port(nb, "pssl:0:127.0.0.2"))
        nil = ["uuid", "00000000-0000-0000-0000-000000000001"]
        rows = {"Agent": {}, "Port_Binding": {"port": nil},
                "Network_Binding": {"network": nil},
                "Port_Location": {"port": nil, "network": nil},
                "Network_Location": {"network": nil}}
        for table, row in rows.items():
            mine = [["host", "==", "hv1"]]
            assert refused(agent, {"op": "insert", "table": table,
                                   "row": dict(row, host="hv2")}), table
            agent.transact({"op": "insert", "table": table,
                            "row": dict(row, host="hv1")})
            for column, value in dict(row, host="hv2").items():
                assert refused(agent, {"op": "update", "table": table,
                                       "where": mine,
                                       "row": {column: value}}), column
            nb.transact({"op": "insert", "table": table,
                         "row": dict(row, host="hv2")})
            assert refused(agent, {"op": "delete", "table": table, "where": [
                ["host", "==", "hv2"]]}), table
        agent.transact(
            {"op": "update", "table": "Agent", "where": mine,
             "row": {"version": "1", "heartbeat": 5,
                     "host_revision_number": 1}},
            {"op": "update", "table": "Port_Binding", "where": mine,
             "row": {"up": True, "revision_number": 3, "fault": "x"}},
            {"op": "update", "table": "Port_Location", "where": mine,
             "row": {"claim": 7, "mac_address": "0a:00:00:00:00:01",
                     "ip_addresses": ["set", ["10.0.0.1", "10.0.0.2"]]}},
            {"op": "update", "table": "Network_Location", "where": mine,
             "row": {"encap": "vxlan:192.0.2.1", "unknown_addresses": True}},
            {"op": "delete", "table": "Network_Binding", "where": mine})
        for table in ("Network", "Host"):
            assert refused(agent, {"op": "update", "table": table,
                                   "where": [],
                                   "row": {"admin_state_up": False}}), table
        agent.close()


tap.main(tools=("ovsdb-server", "ovsdb-tool", "openssl"))
