#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""sluice-swarm: that its agents behave, and that it finds out when they were
told what is not so.  What other tests and benchmarks say by it is worth no
more than that."""

import contextlib
import json

from bench import swarms
from lab import paths, tap

WORLD = swarms.World(agents=8, ports=12, networks=3, written=8)

# Ports that are not at home anywhere by their host, of each agent.
SLOTS = 2

# Each agent has its ports, its networks and its Agent.
ROWS = WORLD.agents * (WORLD.ports + WORLD.networks + 1)


def world(like=None):
    return swarms.WorldServer(WORLD, like)


@contextlib.contextmanager
def swarm(remote, nb):
    started = swarms.Swarm(WORLD, [remote], nb)
    try:
        yield started
    finally:
        started.close()


def verified(agents):
    result = agents.command("verify", 10)
    assert result["ok"] == WORLD.agents and not result["wrong"], result


def of_host(nb, host):
    return nb.rows("Port", where=[["host", "==", host]])


@tap.case("agents get what they ask for, and nothing else")
def behave():
    with world() as nb, swarm(nb.unix, nb.unix) as agents:
        first = agents.command("connect")
        assert first["rows"] == ROWS and first["synced"] == WORLD.agents, first
        assert len(of_host(nb, "hv3")) == WORLD.ports - SLOTS
        verified(agents)
        toggled = agents.command("toggle", 50)
        assert toggled["changes"] == 50, toggled
        assert agents.command("settle")["bytes_to_others"] == 0
        assert agents.command("move", 50)["moves"] == 50
        verified(agents)
        again = agents.command("resync", 2, 6)
        assert again["synced"] == 4, again
        verified(agents)
        agents.command("disconnect", 0, 1)
        assert agents.command("stats")["rows"] == ROWS * 7 / 8


@tap.case("an agent that does not read delays nobody and catches up")
def stall():
    with world() as nb, swarm(nb.unix, nb.unix) as agents:
        agents.command("connect")
        agents.command("stall", 0, 2)
        assert agents.command("toggle", 20, 0, 2)["stalled"] == 20
        assert agents.command("toggle", 20, 2, 8)["changes"] == 20
        result = agents.command("verify")
        assert result["ok"] == 6 and result["skipped"] == 2, result
        agents.command("unstall", 0, 2)
        verified(agents)


@tap.case("a replica that is not as the database has it is found out")
def wrong():
    with world() as nb, world(nb) as other:
        ports = of_host(nb, "hv4")
        network = nb.rows("Network", where=[["name", "==", "net-6"]])[0]
        other.transact(
            {"op": "update", "table": "Network", "row": {"name": "x"},
             "where": [["_uuid", "==", network["_uuid"]]]},
            {"op": "update", "table": "Agent",
             "where": [["host", "==", "hv3"]],
             "row": {"encaps": ["map", [["vxlan", "192.0.2.77"]]]}},
            {"op": "delete", "table": "Port",
             "where": [["_uuid", "==", ports[0]["_uuid"]]]},
            {"op": "insert", "table": "Host", "row": {"host": "hv5"}})
        with swarm(nb.unix, other.unix) as agents:
            agents.command("connect")
            result = agents.command("verify")
        assert (result["ok"], result["wrong"]) == (4, 4), result
        said = sorted(result["first_wrong"])
        host = other.rows("Host")[0]["_uuid"][1]
        assert said == sorted([
            "hv2 differs in Network %s in name" % network["_uuid"][1],
            "hv3 differs in Agent %s in encaps" % other.rows(
                "Agent", where=[["host", "==", "hv3"]])[0]["_uuid"][1],
            "hv4 should not have Port %s" % ports[0]["_uuid"][1],
            "hv5 lacks Host %s" % host]), said


@tap.case("sets, maps and optional values follow every change")
def values():
    def agent(host, **row):
        return {"op": "update", "table": "Agent", "row": row,
                "where": [["host", "==", host]]}

    with world() as nb, swarm(nb.unix, nb.unix) as agents:
        agents.command("connect")
        for roles, encaps in (
                (["a"], [["vxlan", "1"], ["geneve", "\u00e9\"\\/"]]),
                (["a", "b", "c"], [["vxlan", "2"]]),
                ([], []),
                (["c"], [["vxlan", "2"], ["stt", ""]])):
            nb.transact(agent("hv1", roles=["set", roles],
                              encaps=["map", encaps], version=""))
            verified(agents)
        for segment in (["named-uuid", "s"], ["set", []]):
            nb.transact(
                {"op": "insert", "table": "Segment", "uuid-name": "s",
                 "row": {"network_type": "vlan", "segmentation_id": 7}},
                {"op": "update", "table": "Network",
                 "row": {"segment": segment},
                 "where": [["name", "==", "net-0"]]})
            verified(agents)


@tap.case("what happens to connections is counted, and named")
def faults():
    with world() as nb, world(nb) as other:
        with swarm(nb.unix, other.unix) as agents:
            agents.command("connect")
            nb.stop()
            nb.start()
            try:
                agents.command("stats")
                raise AssertionError("nothing was noticed")
            except swarms.SwarmError as e:
                result = json.loads(str(e))
            assert result["error_kinds"] == {
                "unexpected close": WORLD.agents}, result
            assert result["down"] == WORLD.agents, result


@tap.case("a new schema makes agents begin anew")
def convert():
    with open(paths.NB_SCHEMA) as f:
        schema = json.load(f)
    schema["version"] = "99.0.0"
    del schema["cksum"]
    with world() as nb, swarm(nb.unix, nb.unix) as agents:
        agents.command("connect")
        before = agents.command("stats")["bytes_in"]
        nb.convert(schema)
        verified(agents)
        assert agents.command("stats")["bytes_in"] > 1.9 * before


tap.main(tools=("ovsdb-server", "ovsdb-tool"))
