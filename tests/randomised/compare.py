# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What a quiet world is compared in, with the model.  Every function returns
the differences, in words; none of them waits."""

import re

from lab import probe, wait_until

from .model import BROADCAST, MULTICAST, RESERVED, WIRE, Traffic
from .switch import Guest

# Addresses that no port ever has, one to send to and one to send from, and a
# VLAN that no network has.
NOBODY, STRANGER = "02:ff:00:00:00:01", "02:ff:00:00:00:02"
STRANGE_VLAN = 4000

# How many of each hypervisor take part in an exchange of real packets; and it
# is over when for so many seconds nothing came.
PROBED = 7
QUICK, PATIENT = 0.05, 1

# How many traces are shown in full.
SHOWN = 2


# What agents say.

def said(world):
    """Compares what the agents say, in both databases and to those who ask:
    the condition for the world to be quiet."""
    model, batch = world.model, world.batch
    wrong = []
    away = model.known is not None
    for name, switch in world.switches.items():
        statuses = switch.interfaces()
        wrong += model.elect(name, statuses, name in batch.restarted)
        model.believe(name, statuses)
        wrong += _statuses(model, name, statuses)
    if not away:
        wrong += _bindings(model, *world.rows())
    # Only now: an agent that has said all that may have lost touch since.
    for name, switch in world.switches.items():
        if not wrong:
            wrong += _agent(model, name, switch.agent_status())
        if not wrong and name in batch.disturbed:
            wrong += _flow_diff(name, switch)
    return wrong


def _statuses(model, hv, statuses):
    wrong = []
    for vif in model.vifs_of(hv):
        want, have = model.status(vif), statuses.get(vif.name)
        if not _matches(want, have):
            wrong.append("%s: %s says %r, should say %r" % (
                hv, vif.name, have, getattr(want, "pattern", want)))
    return wrong


def _matches(want, have):
    if isinstance(want, re.Pattern):
        return have is not None and bool(want.fullmatch(have))
    return want == have


def _bindings(model, port_rows, network_rows, agent_rows, place_rows):
    have = {(r["port"][1], r["host"]): (r["network"][1], r["up"],
                                        r["revision_number"], r["fault"])
            for r in port_rows}
    wrong = _rows("Port_Binding", _faults_as(model.port_bindings(), have),
                  have)

    have = {(r["network"][1], r["host"]): (r["revision_number"], r["fault"])
            for r in network_rows}
    wrong += _rows("Network_Binding",
                   _faults_as(model.network_bindings(), have), have)

    have = {r["host"]: r["host_revision_number"] for r in agent_rows}
    want = {hv: model.host_revision(hv) for hv in model.hvs}
    wrong += _rows("Agent", want, have)
    return wrong + model.check_places(
        {(r["port"][1], r["host"]): r["claim"] for r in place_rows})


def _faults_as(want, have):
    """Returns `want`, whose rows' last column is a part of a fault, with the
    whole fault where it is that part's."""
    return {key: row[:-1] + have[key][-1:]
            if key in have and row[-1] and row[-1] in have[key][-1] else row
            for key, row in want.items()}


def _rows(table, want, have):
    return ["%s %s is %s, should be %s" % (
        table, key, have.get(key, "missing"), want.get(key, "absent"))
        for key in sorted(want.keys() | have.keys())
        if want.get(key) != have.get(key)]


def _agent(model, hv, status):
    want = {"open_vswitch": "connected",
            "openflow": r".*: connected, in step", "everything_known": "true"}
    if model.known is None:
        want.update(northbound=r".*: connected",
                    ports=str(len(model.interesting_ports(hv))),
                    networks=str(len(model.interesting_networks(hv))))
    return ["%s: the agent says %s %r, should say %r" % (
        hv, key, status.get(key), pattern) for key, pattern in want.items()
        if not re.fullmatch(pattern, status.get(key, ""))]


# What switches do.

def traced(world, rng):
    """Compares where frames would go on every bridge: from each VIF, and from
    the wire on each VLAN, to each address that means something there and some
    that do not."""
    wrong = []
    for hv, switch in world.switches.items():
        traffic = Traffic(world.model, hv, world.spoken)
        for vif in world.model.vifs_of(hv):
            if vif.works:
                src = _mac_of(world.model, vif)
                for dst in _addresses(world.model, vif.iface_id, rng):
                    _trace(world, switch, (vif.name, src, dst),
                           traffic.from_vif(vif.name, dst), wrong)
                _trace(world, switch, (vif.name, src, BROADCAST, STRANGE_VLAN),
                       [set()], wrong)
        for network, vlan in _wires(world.model):
            for dst in _addresses(world.model, network, rng):
                _trace(world, switch, (WIRE, STRANGER, dst, vlan),
                       traffic.from_wire(network, dst), wrong)
    return wrong


def _addresses(model, uuid, rng):
    """Returns where frames in network `uuid`, or from port `uuid`, may go, and
    some addresses from elsewhere."""
    port = model.ports.get(uuid)
    network = port.network if port else uuid
    macs = [p.mac for p in model.ports.values() if not p.fault()]
    here = [p.mac for p in model.ports_of(network) if not p.fault()]
    return sorted(set(here + rng.sample(macs, min(len(macs), 2)))) + [
        NOBODY, BROADCAST, rng.choice([MULTICAST, RESERVED])]


def _wires(model):
    """Returns (network, VLAN) of what is on the wire, and a VLAN that is
    not."""
    segments = {n.uuid: n.segment for n in model.networks.values()
                if n.has_wire()}
    return [(n, s[2]) for n, s in segments.items()] + [(None, STRANGE_VLAN)]


def _trace(world, switch, frame, right, wrong):
    have, text = switch.trace(*frame)
    world.n_traced += 1
    world.n_reached += len(have)
    if have not in right:
        wrong.append("%s: a frame %s goes to %s, should go to %s%s" % (
            switch.name, _words(*frame), _set(have),
            " or ".join(map(_set, right)),
            "\n" + text if len(wrong) < SHOWN else ""))


def _mac_of(model, vif):
    """Returns what `vif` sends as: its port's address, or one of its own."""
    port = model.ports.get(vif.iface_id)
    if port and not port.fault():
        return port.mac
    return "0a:00:00:00:00:%02x" % (sum(map(ord, vif.name)) & 255)


def _words(vif, src, dst, vlan=0):
    return "from %s (%s) to %s%s" % (vif, src, dst, vlan and
                                     ", on VLAN %d" % vlan or "")


def _set(names):
    return "{%s}" % ", ".join(sorted(names))


def delivered(world, rng):
    """Sends real packets among some VIFs of all hypervisors, and compares
    where they came out."""
    guests = []
    for name, switch in world.switches.items():
        vifs = [v for v in world.model.vifs_of(name)
                if v.name in switch.sockets]
        guests += [Guest(switch, v.name, _mac_of(world.model, v))
                   for v in rng.sample(vifs, min(PROBED, len(vifs)))]
    surplus, missing = _exchanged(world, guests, QUICK)
    if missing and not surplus:
        # A busy machine may take longer.
        surplus, missing = _exchanged(world, guests, PATIENT)
    return surplus + missing


def _exchanged(world, guests, quiet):
    """Returns what came where it should not, and what did not come where it
    should."""
    # Whether admitted or not: Open vSwitch may count packets that it dropped
    # for the flow that admits those that follow, and learn from them.
    world.spoken |= {g.mac for g in guests}
    traffic = {hv: Traffic(world.model, hv, world.spoken)
               for hv in world.switches}
    reach = probe(guests, quiet)
    surplus = ["%s got a %s frame of %s" % (b, what, a)
               for what in ("repeated", "tagged")
               for a, b in sorted(getattr(reach, what))]
    missing = []
    for a in guests:
        for b in guests + [None]:
            if b is a:
                continue
            right = _receivers(traffic, guests, a, b.mac if b else BROADCAST)
            have = _received(reach, a, b)
            if have not in right:
                words = "a real frame from %s to %s went to %s, not to %s" % (
                    a.name, b.mac if b else BROADCAST, _set(have),
                    " or ".join(map(_set, right)))
                (surplus if have - set.union(*right)
                 else missing).append(words)
    return surplus, missing


def _receivers(traffic, guests, a, dst):
    """Returns the sets of which one is to get what guest `a` sends to
    `dst`."""
    def named(hv, devices):
        return {g.name for g in guests
                if g.switch.name == hv and g.device in devices}
    here = a.switch.name
    right = []
    for devices in traffic[here].from_vif(a.device, dst):
        found = [named(here, devices)]
        for hv in traffic if WIRE in devices else ():
            if hv != here:
                network = traffic[here].ports[a.device].network
                found = [f | named(hv, there) for f in found
                         for there in traffic[hv].from_wire(network, dst)]
        right += found
    return right


def _received(reach, a, b):
    """Returns who got what `a` sent to `b`, None for a broadcast."""
    if not b:
        return {y for x, y in reach.broadcast if x == a.name}
    return ({y for x, y in reach.unicast if (x, y) == (a.name, b.name)}
            | {z for x, y, z in reach.stray if (x, y) == (a.name, b.name)})


# What agents reckon.

def flow_diffs(world, hvs):
    return [line for hv in sorted(hvs)
            for line in _flow_diff(hv, world.switches[hv])]


def _flow_diff(hv, switch):
    return ["%s: flow/diff: %s" % (hv, line) for line in switch.flow_diff()]


def recomputed(world):
    """Has every agent compute everything from nothing."""
    wrong = []
    for name, switch in world.switches.items():
        answer = switch.ask(switch.hv.agent, "recompute").strip()
        if not answer.endswith("; 0 had wrong flows"):
            wrong.append("%s: recompute: %s" % (name, answer))
    return wrong


# What those who are not concerned are told.

# Counters that only those should have that are; others a recompute moves.
COUNTERS = ("agent_binding_written", "agent_flow_foreign_change",
            "agent_flow_refused", "agent_nb_resync", "agent_nb_update")


def overheard(world):
    """Compares the bytes that the database has sent to each agent with those
    of the last call: to those who were not concerned since, none."""
    now = {name: switch.hv.nb_socket()
           for name, switch in world.switches.items()}
    wrong = ["%s: not concerned, and got %d bytes from the database" % (
        hv, now[hv]["bytes_received"] - socket["bytes_received"])
        for hv, socket in world.sockets.items()
        if hv not in world.batch.concerned
        and now[hv]["local_port"] == socket["local_port"]
        and now[hv]["bytes_received"] != socket["bytes_received"]]
    world.sockets = now
    return wrong


def counted(world):
    """Compares the agents' counters with those of the last call likewise."""
    now = {name: _counters(switch)
           for name, switch in world.switches.items()}
    wrong = ["%s: not concerned, and %s rose from %d to %d" % (
        hv, counter, before[counter], now[hv][counter])
        for hv, before in sorted(world.counters.items())
        if hv not in world.concerned
        for counter in COUNTERS if now[hv][counter] != before[counter]]
    world.counters, world.concerned = now, set()
    return wrong


def _counters(switch):
    """An agent adds up its counters once a second: awaits that it has added
    up all that was before."""
    before = switch.counters().get("agent_host_computed", 0)
    switch.ask(switch.hv.agent, "recompute")
    wait_until(lambda: switch.counters().get("agent_host_computed", 0)
               > before, what="%s's counters to be added up" % switch.name)
    found = switch.counters()
    return {counter: found.get(counter, 0) for counter in COUNTERS}
