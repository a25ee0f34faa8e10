#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""sluice-nbctl: its own commands, against a real ovsdb-server."""

import json
import re

from lab import paths, process, tap
from lab.nbserver import NbServer

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NOBODY = "01234567-89ab-cdef-0123-456789abcdef"


def table(nb, *args):
    """Runs a command that prints a table; returns its rows as dicts."""
    parsed = json.loads(nb.ctl("-f", "json", *args))
    return [dict(zip(parsed["headings"], row)) for row in parsed["data"]]


@tap.case("init makes the global row and the agents' role, and is harmless")
def init():
    with NbServer(init=False) as nb:
        assert nb.ctl("--no-wait", "init") == ""
        before = {t: nb.rows(t) for t in ("NB_Global", "RBAC_Role",
                                          "RBAC_Permission")}
        assert len(before["NB_Global"]) == 1
        assert [r["name"] for r in before["RBAC_Role"]] == ["sluice-agent"]
        for row in before["RBAC_Permission"]:
            assert row["authorization"] == "host" and row["insert_delete"]
        assert {r["table"]: set(r["update"][1])
                for r in before["RBAC_Permission"]} == {
                    "Agent": {"encaps", "bridge_mappings", "bridge",
                              "datapath_type", "roles", "subscriptions",
                              "version", "host_revision_number", "heartbeat",
                              "external_ids"},
                    "Port_Binding": {"up", "revision_number", "fault"},
                    "Network_Binding": {"revision_number", "encap", "fault"},
                    "Port_Location": {"claim", "mac_address", "ip_addresses"},
                    "Network_Location": {"encap", "unknown_addresses"}}
        role, = before["RBAC_Role"]
        assert dict(role["permissions"][1]) == {
            r["table"]: r["_uuid"] for r in before["RBAC_Permission"]}
        nb.ctl("init")
        for name, rows in before.items():
            assert nb.rows(name) == rows, name


@tap.case("init repairs a role that allows too much, or too little")
def init_repairs():
    with NbServer() as nb:
        nb.ctl("add", "RBAC_Permission", "Agent", "update", "host")
        nb.ctl("add", "RBAC_Permission", "Agent", "authorization", "version")
        # As before there were these tables.
        nb.ctl("destroy", "RBAC_Permission", "Port_Location", "--", "destroy",
               "RBAC_Permission", "Network_Location")
        nb.ctl("init")
        assert len(nb.rows("RBAC_Permission")) == 5
        assert len(nb.rows("RBAC_Role")[0]["permissions"][1]) == 5
        row, = nb.rows("RBAC_Permission", where=[["table", "==", "Agent"]])
        assert "host" not in row["update"][1]
        assert row["authorization"] == "host"


@tap.case("net-add gives defaults, columns and an id")
def net_add():
    with NbServer() as nb:
        assert nb.ctl("net-add", "blue") == ""
        row, = nb.rows("Network")
        assert row["admin_state_up"] is True and row["mtu"] == 1500
        assert row["revision_number"] == 1 and row["segment"] == ["set", []]
        nb.ctl("net-add", "red", "id=" + NOBODY, "mtu=1400", "shared=true",
               "admin_state_up=false", "external_ids:a=b")
        row, = nb.rows("Network", where=[["name", "==", "red"]])
        assert row["_uuid"][1] == NOBODY and row["mtu"] == 1400
        assert row["admin_state_up"] is False and row["shared"] is True
        assert "is taken by network \"red\"" in nb.fail(
            "net-add", "green", "id=" + NOBODY)
        assert "id \"x\" is not a UUID" in nb.fail("net-add", "x", "id=x")
        assert "must not be empty" in nb.fail("net-add", "")
        assert "colour" in nb.fail("net-add", "x", "colour=red")
        assert "65535" in nb.fail("net-add", "x", "mtu=70000")
        assert len(nb.rows("Network")) == 2


@tap.case("net-add makes the segment, and refuses one that cannot work")
def net_add_segment():
    with NbServer() as nb:
        good = [("vlan", "phys1", 100), ("vlan", "phys2", 100),
                ("flat", "phys1", 0), ("vxlan", "", 100),
                ("geneve", "", 16777215), ("vlan", "phys1", 4094)]
        for number, (kind, physical, segment) in enumerate(good):
            args = ["network_type=" + kind]
            if physical:
                args.append("physical_network=" + physical)
            if segment:
                args.append("segmentation_id=%d" % segment)
            nb.ctl("net-add", "n%d" % number, *args)
        nb.ctl("net-add", "n6", "network_type=local")
        assert [(r["network_type"], r["physical_network"],
                 r["segmentation_id"]) for r in table(nb, "net-list")
                ] == good + [("local", "", 0)]

        for args, reason in (
                ("network_type=vlan physical_network=p segmentation_id=4095",
                 "segmentation_id 4095 is not a VLAN ID"),
                ("network_type=vlan physical_network=p segmentation_id=0",
                 "number from 1 to 4094"),
                ("network_type=vlan physical_network=p segmentation_id=5x",
                 "segmentation_id 5x is not a VLAN ID"),
                ("network_type=vlan physical_network=p",
                 "segmentation_id is missing"),
                ("network_type=vlan segmentation_id=5",
                 "physical_network is missing"),
                ("network_type=flat", "physical_network is missing"),
                ("network_type=flat physical_network=p segmentation_id=3",
                 "a flat network has none"),
                ("network_type=vxlan segmentation_id=16777216",
                 "number from 1 to 16777215"),
                ("network_type=vxlan segmentation_id=0",
                 "number from 1 to 16777215"),
                ("network_type=geneve segmentation_id=5 physical_network=p",
                 "physical_network \"p\" is given, but a geneve network"),
                ("network_type=gre segmentation_id=5",
                 "network_type \"gre\" is unknown"),
                ("network_type=local segmentation_id=5",
                 "the network_type is local"),
                ("physical_network=p",
                 "physical_network is given, but no network_type"),
                ("segmentation_id=5",
                 "segmentation_id is given, but no network_type"),
                ("network_type=vlan physical_network=phys1 "
                 "segmentation_id=100",
                 "vlan 100 of phys1 is already the segment of network \"n0\""),
                ("network_type=flat physical_network=phys1",
                 "flat of phys1 is already the segment of network \"n2\"")):
            stderr = nb.fail("net-add", "bad", *args.split())
            assert reason in stderr, (args, stderr)
        assert len(nb.rows("Segment")) == len(good)
        nb.ctl("net-del", "n0", "--", "net-add", "n0", "network_type=vlan",
               "physical_network=phys1", "segmentation_id=100")
        assert len(nb.rows("Segment")) == len(good)
        assert "vxlan 7 is already the segment of network \"a\"" in nb.fail(
            "net-add", "a", "network_type=vxlan", "segmentation_id=7", "--",
            "net-add", "b", "network_type=vxlan", "segmentation_id=7")


def vnis(nb, kind):
    """Returns the VNIs in use, sorted."""
    return sorted(r["segmentation_id"] for r in nb.rows(
        "Segment", where=[["network_type", "==", kind]]))


@tap.case("net-add chooses a VNI that is free, of the ranges in NB_Global")
def net_add_vni():
    with NbServer() as nb:
        for i in range(3):
            nb.ctl("net-add", "g%d" % i, "network_type=geneve")
        assert len(set(vnis(nb, "geneve"))) == 3

        # Up to the last one; a given one may be another.
        nb.ctl("set", "NB_Global", ".",
               "options:vxlan-vni-ranges=\"100:119,7:7\"")
        nb.ctl("net-add", "given", "network_type=vxlan", "segmentation_id=110")
        nb.ctl("net-add", "outside", "network_type=vxlan",
               "segmentation_id=9")
        for i in range(20):
            nb.ctl("net-add", "x%d" % i, "network_type=vxlan")
        assert vnis(nb, "vxlan") == [7, 9, *range(100, 120)]
        assert ("no VNI is left for a vxlan network: all in the ranges of "
                "NB_Global option vxlan-vni-ranges are in use") in nb.fail(
                    "net-add", "late", "network_type=vxlan")
        nb.ctl("net-add", "g3", "network_type=geneve")

        # One that is given back is given out again.
        for name in ("x3", "given", "x17"):
            nb.ctl("net-del", name)
            free, = {7, *range(100, 120)} - set(vnis(nb, "vxlan"))
            nb.ctl("net-add", name, "network_type=vxlan")
            assert free in vnis(nb, "vxlan")
        assert "no VNI is left" in nb.fail("net-add", "late",
                                           "network_type=vxlan")

        for value, reason in (("5", "\"5\" is not a range FIRST:LAST"),
                              ("9:5", "the range 9:5 ends before it begins"),
                              ("1:9,5:5", "overlap")):
            nb.transact({"op": "update", "table": "NB_Global", "where": [],
                         "row": {"options": ["map", [[
                             "geneve-vni-ranges", value]]]}})
            stderr = nb.fail("net-add", "late", "network_type=geneve")
            assert "NB_Global option geneve-vni-ranges: " in stderr, stderr
            assert reason in stderr, stderr
        nb.ctl("net-add", "again", "network_type=geneve", "segmentation_id=5",
               "--", "net-add", "other", "network_type=vxlan")


@tap.case("VNIs chosen in one command line are all different")
def many_vnis():
    with NbServer() as nb:
        nb.ctl("set", "NB_Global", ".", "options:vxlan-vni-ranges=\"1:110\"",
               "options:geneve-vni-ranges=\"1:200\"")
        args = []
        for i in range(100):
            args += ["--", "net-add", "x%d" % i, "network_type=vxlan",
                     "--", "net-add", "g%d" % i, "network_type=geneve"]
        nb.ctl(*args[1:])
        for kind in ("vxlan", "geneve"):
            assert len(set(vnis(nb, kind))) == 100
        args = sum((["--", "--add-duplicate", "net-add", "y",
                     "network_type=vxlan"] for _ in range(11)), [])
        assert "no VNI is left" in nb.fail(*args[1:])
        nb.ctl(*args[6:])
        assert vnis(nb, "vxlan") == list(range(1, 111))


@tap.case("net-add makes networks of the type that NB_Global says")
def net_add_type():
    with NbServer() as nb:
        def made(*args):
            nb.ctl("net-add", "blue", *args)
            row, = table(nb, "net-list")
            nb.ctl("net-del", "blue")
            return row["network_type"], row["mtu"]

        assert made() == ("local", 1500)
        for kind, mtu in (("vxlan", 1450), ("geneve", 1450), ("local", 1500)):
            nb.ctl("set", "NB_Global", ".",
                   "options:tenant-network-type=" + kind)
            assert made() == (kind, mtu)
            assert made("network_type=local") == ("local", 1500)
            assert made("network_type=vxlan") == ("vxlan", 1450)
            assert made("network_type=flat", "physical_network=p") == (
                "flat", 1500)
            assert "segmentation_id is given, but no network_type" in nb.fail(
                "net-add", "blue", "segmentation_id=7")
        nb.transact({"op": "update", "table": "NB_Global", "where": [],
                     "row": {"options": ["map", [["tenant-network-type",
                                                  "vlan"]]]}})
        assert ("NB_Global option tenant-network-type: \"vlan\" is none of "
                "local, vxlan and geneve") in nb.fail("net-add", "blue")
        assert made("network_type=vxlan") == ("vxlan", 1450)


@tap.case("net-add gives the MTU that fits, and refuses more")
def net_add_mtu():
    with NbServer() as nb:
        kinds = {"local": "", "flat": "physical_network=p",
                 "vlan": "physical_network=p segmentation_id=7",
                 "vxlan": "", "geneve": ""}

        def check(**mtu):
            for kind, more in kinds.items():
                fits = mtu.get(kind, mtu["others"])
                nb.ctl("net-add", kind, "network_type=" + kind, *more.split())
                assert nb.get("Network", kind, "mtu") == str(fits), kind
                nb.ctl("net-del", kind)
                stderr = nb.fail("net-add", kind, "network_type=" + kind,
                                 *more.split(), "mtu=%d" % (fits + 1))
                assert ("mtu %d is too large for a %s network: at most %d "
                        "fits" % (fits + 1, kind, fits)) in stderr, stderr

        def set_option(name, value):
            nb.ctl("set", "NB_Global", ".", "options:%s=\"%s\"" % (
                name, value))

        check(others=1500, vxlan=1450, geneve=1450)
        set_option("overlay-ip-version", 6)
        check(others=1500, vxlan=1430, geneve=1430)
        set_option("underlay-mtu", 9000)
        check(others=9000, vxlan=8930, geneve=8930)
        set_option("overlay-ip-version", 4)
        check(others=9000, vxlan=8950, geneve=8950)

        for mtu in (0, 68, 8950):
            nb.ctl("net-add", "n%d" % mtu, "network_type=geneve",
                   "mtu=%d" % mtu)
            assert nb.get("Network", "n%d" % mtu, "mtu") == str(mtu)

        nb.transact({"op": "update", "table": "NB_Global", "where": [],
                     "row": {"options": ["map", [["underlay-mtu", "9k"]]]}})
        assert ("NB_Global option underlay-mtu: \"9k\" is not a number of "
                "bytes from 138 to 65535") in nb.fail("net-add", "blue")
        nb.transact({"op": "update", "table": "NB_Global", "where": [],
                     "row": {"options": ["map", [["overlay-ip-version",
                                                  "IPv6"]]]}})
        assert ("NB_Global option overlay-ip-version: \"IPv6\" is neither 4 "
                "nor 6") in nb.fail("net-add", "blue", "network_type=vxlan")
        nb.ctl("net-add", "blue")


@tap.case("net-add works where nobody ran init")
def net_add_without_init():
    with NbServer(init=False) as nb:
        nb.ctl("net-add", "blue", "network_type=geneve")
        assert len(vnis(nb, "geneve")) == 1


@tap.case("net-del refuses a network with ports and takes its subnets along")
def net_del():
    with NbServer() as nb:
        nb.ctl("net-add", "blue", "network_type=vxlan", "segmentation_id=9")
        nb.ctl("create", "Subnet", "network=" + nb.uuid("Network", "blue"),
               "ip_version=4", "cidr=\"192.0.2.0/24\"")
        nb.ctl("port-add", "blue", "a")
        assert "has 1 port: delete it first" in nb.fail("net-del", "blue")
        nb.ctl("port-add", "blue", "b")
        stderr = nb.fail("net-del", "blue")
        assert "has 2 ports: delete them first" in stderr
        assert nb.uuid("Network", "blue") in stderr
        nb.ctl("port-del", "a", "--", "port-del", "b", "--", "net-del",
               "blue")
        for name in ("Network", "Subnet", "Port", "Segment"):
            assert nb.rows(name) == [], name
        assert "no network is named \"blue\"" in nb.fail("net-del", "blue")
        assert "no network" in nb.fail("net-del", NOBODY)
        nb.ctl("--if-exists", "net-del", "blue")


@tap.case("net-list and port-list are sorted and keep their types in JSON")
def lists():
    with NbServer() as nb:
        nb.ctl("net-add", "b", "--", "net-add", "a", "--", "net-disable", "b",
               "--", "port-add", "a", "z", "--", "port-add", "a", "y",
               "host=hv1", "--", "port-add", "b", "x")
        rows = table(nb, "net-list")
        assert [(r["name"], r["admin_state_up"], r["revision_number"])
                for r in rows] == [("a", True, 1), ("b", False, 1)]
        assert rows[0]["_uuid"] == ["uuid", nb.uuid("Network", "a")]
        assert [(r["name"], r["network"], r["host"])
                for r in table(nb, "port-list")] == [
                    ("x", "b", ""), ("y", "a", "hv1"), ("z", "a", "")]
        assert [r["name"] for r in table(nb, "port-list", "a")] == ["y", "z"]
        assert [r["name"] for r in table(nb, "port-list",
                                         nb.uuid("Network", "b"))] == ["x"]
        assert "no network" in nb.fail("port-list", "c")
        text = nb.ctl("net-list").splitlines()
        assert text[0].startswith("_uuid") and len(text) == 4
        assert nb.ctl("--bare", "--no-headings", "-f", "csv", "-d", "bare",
                      "port-list", "b").split(",")[1] == "x"


@tap.case("port-add gives a UUID, defaults and an address of its own")
def port_add():
    with NbServer() as nb:
        nb.ctl("net-add", "blue")
        uuid = nb.ctl("port-add", "blue", "a")
        assert UUID.fullmatch(uuid) and uuid == nb.uuid("Port", "a")
        row, = nb.rows("Port")
        assert row["admin_state_up"] and row["port_security_enabled"]
        assert re.fullmatch("fa:16:3e(:[0-9a-f]{2}){3}", row["mac_address"])
        assert row["network"][1] == nb.uuid("Network", "blue")
        assert nb.ctl("port-add", "blue", "b", "id=" + NOBODY,
                      "admin_state_up=false", "port_security_enabled=false",
                      "host=hv1", "device_owner=\"compute:nova\"") == NOBODY
        row, = nb.rows("Port", where=[["name", "==", "b"]])
        assert not row["admin_state_up"] and not row["port_security_enabled"]
        assert row["host"] == "hv1" and row["device_owner"] == "compute:nova"
        assert "is taken by port \"b\"" in nb.fail(
            "port-add", "blue", "c", "id=" + NOBODY)
        assert "no network is named \"red\"" in nb.fail("port-add", "red", "c")
        assert "must not be empty" in nb.fail("port-add", "blue", "")
        nb.ctl("net-add", "red")
        assert "the column network is what NET says" in nb.fail(
            "port-add", "blue", "c",
            "network=" + nb.uuid("Network", "red"))


@tap.case("port-add takes a MAC address in any case, and refuses bad ones")
def port_mac():
    with NbServer() as nb:
        nb.ctl("net-add", "blue", "--", "net-add", "red")
        nb.ctl("port-add", "blue", "a", "mac_address=0A:00:00:AB:CD:EF")
        assert nb.get("Port", "a", "mac_address") == "0a:00:00:ab:cd:ef"
        nb.ctl("port-add", "red", "b", "mac_address=\"0a:00:00:ab:cd:ef\"")
        for mac, reason in (("0a:00:00:AB:cd:ef",
                             "is taken in network \"blue\" by port \"a\""),
                            ("01:00:00:00:00:01", "is a multicast address"),
                            ("ff:ff:ff:ff:ff:ff", "is a multicast address"),
                            ("00:00:00:00:00:00", "is all zeros"),
                            ("0a:00:00:ab:cd", "is malformed"),
                            ("0a:00:00:ab:cd:eg", "is malformed"),
                            ("0a-00-00-ab-cd-ee", "is malformed"),
                            ("0a:00:00:ab:cd:ef:", "is malformed"),
                            ("", "is malformed")):
            stderr = nb.fail("port-add", "blue", "c", "mac_address=" + mac)
            assert reason in stderr and mac.lower() in stderr, stderr
        assert len(nb.rows("Port")) == 2
        assert "is taken" in nb.fail(
            "port-add", "blue", "c", "mac_address=0a:00:00:00:00:01", "--",
            "port-add", "blue", "d", "mac_address=0a:00:00:00:00:01")


@tap.case("addresses made in one command line are all different")
def many_macs():
    with NbServer() as nb:
        args = ["net-add", "blue"]
        for i in range(500):
            args += ["--", "port-add", "blue", "p%d" % i]
        assert len(nb.ctl(*args).splitlines()) == 500
        assert len({r["mac_address"] for r in nb.rows("Port")}) == 500


@tap.case("port-del deletes, by name or UUID")
def port_del():
    with NbServer() as nb:
        nb.ctl("net-add", "blue", "--", "port-add", "blue", "a", "--",
               "port-add", "blue", "b")
        nb.ctl("port-del", "a")
        nb.ctl("port-del", nb.uuid("Port", "b"))
        assert nb.rows("Port") == []
        assert "no port is named \"a\"" in nb.fail("port-del", "a")
        nb.ctl("--if-exists", "port-del", "a")


@tap.case("enable and disable of networks, ports and hypervisors")
def admin_state():
    with NbServer() as nb:
        nb.ctl("net-add", "blue", "--", "port-add", "blue", "a")
        for kind, name, tab in (("net", "blue", "Network"),
                                ("port", "a", "Port"), ("host", "h", "Host")):
            nb.ctl(kind + "-disable", name)
            assert nb.get(tab, name, "admin_state_up") == "false"
            revision = nb.revision(tab, name)
            nb.ctl(kind + "-disable", name)
            assert nb.revision(tab, name) == revision
            nb.ctl(kind + "-enable", name)
            assert nb.get(tab, name, "admin_state_up") == "true"
            assert nb.revision(tab, name) == revision + 1
        nb.ctl("host-enable", "new")
        assert nb.get("Host", "new", "admin_state_up") == "true"
        assert "no network is named" in nb.fail("net-enable", "red")
        assert "no port is named" in nb.fail("port-disable", "b")
        assert "must not be empty" in nb.fail("host-disable", "")


@tap.case("duplicates: --may-exist, --add-duplicate, ambiguous names")
def duplicates():
    with NbServer() as nb:
        nb.ctl("net-add", "blue", "--", "net-add", "red")
        first = nb.ctl("port-add", "blue", "a")
        assert "already exists" in nb.fail("net-add", "blue")
        assert first in nb.fail("port-add", "blue", "a")
        nb.ctl("--may-exist", "net-add", "blue", "mtu=9000")
        assert nb.get("Network", "blue", "mtu") == "1500"
        assert nb.ctl("--may-exist", "port-add", "blue", "a") == first
        assert "not in network \"red\"" in nb.fail("--may-exist", "port-add",
                                                   "red", "a")
        assert "may not be specified together" in nb.fail(
            "--may-exist", "--add-duplicate", "port-add", "red", "a")
        second = nb.ctl("--add-duplicate", "port-add", "red", "a")
        nb.ctl("--add-duplicate", "net-add", "blue")
        for args in (("port-disable", "a"), ("port-del", "a"),
                     ("port-show", "a"), ("port-enable", "a"),
                     ("set", "Port", "a", "description=x"),
                     ("get", "Port", "a", "name")):
            stderr = nb.fail(*args)
            assert first in stderr and second in stderr, stderr
        nets = [r["_uuid"][1] for r in nb.rows(
            "Network", where=[["name", "==", "blue"]])]
        for args in (("net-del", "blue"), ("net-disable", "blue"),
                     ("port-add", "blue", "b"), ("port-list", "blue"),
                     ("list", "Network", "blue")):
            stderr = nb.fail(*args)
            assert all(n in stderr for n in nets), stderr
        nb.ctl("port-disable", second)
        assert nb.get("Port", first, "admin_state_up") == "true"


@tap.case("a chain of commands is one transaction")
def chain():
    with NbServer() as nb:
        out = nb.ctl("net-add", "blue", "--", "port-add", "blue", "a", "--",
                     "port-disable", "a", "--", "set", "Port", "a",
                     "description=x", "--", "port-list", "blue")
        assert nb.revision("Port", "a") == 1 and "false" in out
        assert nb.get("Port", "a", "admin_state_up") == "false"
        nb.fail("port-add", "blue", "b", "--", "net-add", "blue")
        assert [r["name"] for r in nb.rows("Port")] == ["a"]
        nb.ctl("net-add", "red", "--", "net-del", "red")
        nb.ctl("port-add", "blue", "b", "--", "port-del", "b")
        assert len(nb.rows("Network")) == len(nb.rows("Port")) == 1
        assert "'nope'" in nb.fail("net-add", "red", "--", "nope")


@tap.case("--dry-run changes nothing")
def dry_run():
    with NbServer() as nb:
        nb.ctl("net-add", "blue", "--", "port-add", "blue", "a")
        before = {t: nb.rows(t) for t in ("Network", "Port", "Host")}
        nb.ctl("--dry-run", "--wait=hv", "net-add", "red", "--", "port-add",
               "red", "b", "--", "port-disable", "a", "--", "host-disable",
               "h", "--", "set", "Network", "blue", "mtu=9000")
        for name, rows in before.items():
            assert nb.rows(name) == rows, name


@tap.case("show prints networks with their ports, up or down")
def show():
    with NbServer() as nb:
        nb.ctl("net-add", "blue", "network_type=vlan", "physical_network=p",
               "segmentation_id=7", "--", "net-add", "red", "--",
               "port-add", "blue", "b", "--", "port-add", "blue", "a",
               "host=hv1", "--", "port-disable", "a")
        text = nb.ctl("show")
        shown = [line.strip().split(" (")[0] for line in text.splitlines()]
        assert shown == [
            'network "blue"', "admin state: up", "type: vlan 7 on p",
            'port "a"', "admin state: down",
            "MAC address: " + nb.get("Port", "a", "mac_address"),
            "expected on: hv1",
            'port "b"', "admin state: up",
            "MAC address: " + nb.get("Port", "b", "mac_address"),
            'network "red"', "admin state: up", "type: local"], text
        assert nb.ctl("show", "red") in text
        assert "blue" not in nb.ctl("show", "red")
        assert "no network" in nb.fail("show", "green")


@tap.case("show tells where ports are and what an overlay extends to")
def show_places():
    with NbServer() as nb:
        nb.ctl("net-add", "blue", "network_type=vxlan", "segmentation_id=7",
               "--", "net-add", "red", "network_type=geneve",
               "segmentation_id=8", "--", "port-add", "red", "r", "host=hv3")
        blue, red = nb.uuid("Network", "blue"), nb.uuid("Network", "red")
        ports = {name: nb.ctl("port-add", "blue", name) for name in "abcd"}
        red_port = nb.uuid("Port", "r")
        agents = [nb.agent("hv%d" % i) for i in range(4)]

        def lines():
            """What is shown of ports, and of where anything is."""
            shown = [re.sub(r" \(%s\)$" % UUID.pattern, "", line).strip()
                     for line in nb.ctl("show").splitlines()]
            return [line for line in shown if line.split()[0] in (
                "network", "on", "port", "plugged")]

        assert lines() == ['network "blue"', 'port "a"', 'port "b"',
                           'port "c"', 'port "d"', 'network "red"',
                           'port "r"'], lines()
        for i in (2, 1):
            agents[i].locate_network(blue, "vxlan:192.0.2.%d" % i)
        agents[3].locate_network(blue, "")
        agents[3].locate_network(red, "geneve:2001:db8::3")

        # a moves; b does, with equal claims; c has agents who do not say.
        agents[1].locate_port(ports["a"], blue, 9)
        agents[2].locate_port(ports["a"], blue, 10)
        agents[0].locate_port(ports["a"], blue, 1)
        agents[2].locate_port(ports["b"], blue, 3)
        agents[3].locate_port(ports["b"], blue, 3)
        agents[1].locate_port(red_port, red, 0)
        agents[1].bind_port(ports["a"], blue, 1, up=True)
        agents[0].bind_port(ports["b"], blue, 1, up=True)
        agents[2].bind_port(ports["c"], blue, 1, up=True)
        agents[1].bind_port(ports["c"], blue, 1, up=False)
        agents[1].bind_port(ports["d"], blue, 1, up=False)
        assert lines() == [
            'network "blue"',
            'on hypervisor "hv1": vxlan:192.0.2.1',
            'on hypervisor "hv2": vxlan:192.0.2.2',
            'on hypervisor "hv3": no tunnel',
            'port "a"', "plugged into: hv2 (also hv1, hv0)",
            'port "b"', "plugged into: hv3 (also hv2)",
            'port "c"', "plugged into: hv2",
            'port "d"',
            'network "red"', 'on hypervisor "hv3": geneve:2001:db8::3',
            'port "r"', "plugged into: hv1"], lines()
        everything = nb.ctl("show")
        assert nb.ctl("show", "blue") + "\n" + nb.ctl("show", red) \
            == everything
        agents[0].unbind("Port_Location")
        agents[2].unbind("Port_Location")
        assert "plugged into: hv1" in lines(), lines()


@tap.case("connections and SSL settings are set, shown and deleted")
def remotes():
    with NbServer() as nb:
        nb.ctl("--inactivity-probe=3000", "set-connection",
               "role=sluice-agent", "pssl:6642", "role=", "read-only",
               "ptcp:6641:127.0.0.1")
        assert nb.ctl("get-connection").splitlines() == [
            "read-only ptcp:6641:127.0.0.1",
            "role=sluice-agent read-write pssl:6642"]
        assert {r["inactivity_probe"] for r in nb.rows("Connection")} == {3000}
        assert "is given twice" in nb.fail("set-connection", "ptcp:1",
                                           "ptcp:1")
        assert "\"foo\" is not a connection method" in nb.fail(
            "set-connection", "foo")
        assert "at least one TARGET" in nb.fail("set-connection", "read-only")
        assert "--inactivity-probe=x" in nb.fail("--inactivity-probe=x",
                                                 "set-connection", "ptcp:1")
        nb.ctl("set-connection", "ptcp:6641")
        assert len(nb.rows("Connection")) == 1
        nb.ctl("del-connection")
        assert nb.ctl("get-connection") == "" and not nb.rows("Connection")
        assert nb.ctl("get-ssl") == ""
        nb.ctl("--bootstrap", "set-ssl", "key", "cert", "ca")
        nb.ctl("set-ssl", "key2", "cert2", "ca2")
        assert nb.ctl("get-ssl").splitlines() == [
            "Private key: key2", "Certificate: cert2", "CA Certificate: ca2",
            "Bootstrap: false"]
        nb.ctl("del-ssl")
        assert nb.rows("SSL") == []


@tap.case("connections can be set where nobody ran init")
def remotes_without_init():
    with NbServer(init=False) as nb:
        nb.ctl("set-connection", "ptcp:6641", "--", "set-ssl", "k", "c", "a")
        assert len(nb.rows("NB_Global")) == 1
        assert len(nb.rows("Connection")) == len(nb.rows("SSL")) == 1


@tap.case("options: --oneline, --version, --help, --commands, bad ones")
def options():
    with NbServer() as nb:
        nb.ctl("net-add", "blue")
        text = nb.ctl("show")
        assert nb.ctl("--oneline", "show") == text.replace("\n", "\\n")
        assert "DB Schema" in nb.ctl("--version")
        usage = nb.ctl("--help")
        for line in nb.ctl("--commands").splitlines():
            name = line.split(",")[-2]
            assert name in usage or name == "comment", name
        assert "--wait=ARG" in nb.ctl("--options")
        assert "neither \"none\" nor \"hv\"" in nb.fail("--wait=sb", "show")
        assert "is invalid" in nb.fail("--timeout=0", "show")
        assert "unrecognized option" in nb.fail("--nope", "show")
        assert "missing command name" in nb.fail()
        assert "unknown command 'nope'" in nb.fail("nope")
        assert "at least 2 arguments" in nb.fail("port-add", "blue")
        assert "at most 1 arg" in nb.fail("net-del", "blue", "red")
        assert "no '--may-exist' option" in nb.fail("--may-exist", "net-del",
                                                    "blue")


@tap.case("the database comes from --db, $SLUICE_NB_DB or OVS_RUNDIR")
def default_db():
    with NbServer() as nb:
        program = paths.program("utilities/sluice-nbctl")
        for env in ({"SLUICE_NB_DB": nb.unix},
                    {"SLUICE_NB_DB": "", "OVS_RUNDIR": nb.dir}):
            if "OVS_RUNDIR" in env:
                nb.daemon.appctl("ovsdb-server/add-remote",
                                 "punix:%s/sluice_nb.sock" % nb.dir)
            process.run([program, "net-list"], env=env)
        stderr = nb.fail("--db=unix:%s/nowhere" % nb.dir, "net-list")
        assert "nowhere: database connection failed" in stderr


tap.main(tools=("ovsdb-server", "ovsdb-tool"))
