# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Operations that change nothing of what is wanted: daemons that die or are
restarted, and people who meddle with flows."""

from lab.agentsdoor import door_kind

from .operations import operation, pick

# The pipeline's tables that are the agent's alone.
TABLES = [0, 8, 16, 24, 28, 36, 40]

MEDDLING = [
    ["del-flows"],
    ["del-flows", "table=%(table)d"],
    ["mod-flows", "table=%(table)d,actions=drop"],
    ["mod-flows", "table=0,actions=FLOOD"],
    ["add-flow", "table=%(table)d,priority=%(priority)d,actions=drop"],
    ["add-flow", "table=0,priority=%(priority)d,actions=FLOOD"],
    ["add-flow", "table=40,priority=%(priority)d,actions=FLOOD"],
    ["del-flows", "table=0,in_port=%(ofport)d"],
]


@operation(2)
class Meddle:
    local = True

    def choose(rng, world):
        numbers = {"table": pick(rng, TABLES),
                   "priority": pick(rng, [0, 50, 100, 200, 65535]),
                   "ofport": rng.randrange(1, 16)}
        command = pick(rng, MEDDLING)
        return {"hv": pick(rng, world.model.hvs),
                "command": [word % numbers for word in command]}

    def apply(world, hv, command):
        return world.meddle(hv, command)


@operation(0.3)
class SetController:
    """Empties the tables without a word, twice."""

    local = True

    def choose(rng, world):
        return {"hv": pick(rng, world.model.hvs)}

    def apply(world, hv):
        return world.set_controller(hv)


class Daemon:
    """`after` is how many operations later it is back, 0: at once."""

    def choose(rng, world):
        return {"hv": pick(rng, world.model.hvs),
                "after": pick(rng, [0, 0, rng.randrange(1, 15)])}


@operation(1.2)
class AgentCrash(Daemon):
    def apply(world, hv, after):
        return world.end("agent", hv, after, kill=True)


@operation(0.8)
class AgentRestart(Daemon):
    def apply(world, hv, after):
        return world.end("agent", hv, after, kill=False)


@operation(0.4)
class SwitchCrash(Daemon):
    local = True

    def apply(world, hv, after):
        return world.end("vswitchd", hv, after, kill=True)


class Server:
    everybody = True

    def choose(rng, world):
        return {"after": pick(rng, [0, 0, rng.randrange(1, 15)])}


@operation(0.4)
class NorthboundCrash(Server):
    def apply(world, after):
        return world.end("northbound", None, after, kill=True)


@operation(1 if door_kind() else 0)
class DoorCrash(Server):
    """Where agents connect, if that is not the database itself."""

    def apply(world, after):
        return world.end("door", None, after, kill=True)
