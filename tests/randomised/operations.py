# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What can happen.

An operation is a class with a weight, how likely it is; choose(), which
returns arguments for it out of chance and the model (None: it cannot happen
now); and apply(), which changes the model and has the world do the same.  The
arguments are plain data and say everything, so that a list of them can be
written down and done again; apply() returns False if, in a list that was
shortened, an operation has become impossible.

`local` are those that can be done, and followed up, while the northbound
database is away; `everybody` those that concern all hypervisors.  To whom
another is a concern its arguments tell: `hv` and `to` are
hypervisors, `port` and `network` concern those where they are local, `host`
is where a port is announced."""

from .model import PHYSNET
from .switch import GHOSTS

# So few that networks share them, and that a port often gets one that was
# another's.
MACS = ["02:00:00:00:00:%02x" % n for n in range(1, 13)]
BAD_MACS = ["", "bogus", "02:00:00:00:00", "01:00:00:00:00:01",
            "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"]
# None: a local network; then sound ones; then those with a fault.
SEGMENTS = [None, ("flat", PHYSNET, 0), ("vlan", PHYSNET, 7),
            ("vlan", PHYSNET, 8), ("vlan", PHYSNET, 4094),
            ("vlan", PHYSNET, 5000), ("vlan", "nowhere", 7),
            ("flat", "nowhere", 0), ("vxlan", "", 7)]
ELSEWHERE = "hv-elsewhere"

MAX_NETWORKS, MAX_PORTS = 4, 30

OPERATIONS = {}


def operation(weight):
    def register(cls):
        name = "".join("-" + c.lower() if c.isupper() else c
                       for c in cls.__name__).lstrip("-")
        cls.weight = weight
        cls.local = getattr(cls, "local", False)
        cls.everybody = getattr(cls, "everybody", False)
        OPERATIONS[name] = cls
        return cls
    return register


def pick(rng, things):
    things = list(things)
    return rng.choice(things) if things else None


def new_uuid(rng):
    text = "%032x" % rng.getrandbits(128)
    return "-".join((text[:8], text[8:12], "4" + text[13:16],
                     "8" + text[17:20], text[20:]))


def free_macs(model, network, macs=None):
    taken = {p.mac for p in model.ports_of(network)}
    return [m for m in macs or MACS if m not in taken]


def some_mac(rng, model, network):
    bad = rng.random() < 0.06
    return (pick(rng, free_macs(model, network, BAD_MACS if bad else MACS))
            or pick(rng, free_macs(model, network)))


def some_segment(rng, world):
    kinds = [SEGMENTS[:1], SEGMENTS[1:5], SEGMENTS[5:]]
    return pick(rng, [s for s in rng.choices(kinds, [4, 5, 1])[0]
                      if world.is_free(s)])


def some_iface_id(rng, model):
    """Returns a list of one: mostly a port that is plugged nowhere; else one
    that is plugged somewhere; or no port at all, None for no iface-id.  An
    empty list: there is none of that kind."""
    plugged = {v.iface_id for v in model.vifs.values()}
    ports = model.mine(model.ports)
    dice = rng.random()
    if dice < 0.02:
        return [None]
    elif dice < 0.05:
        return ["garbage-%d" % rng.randrange(5)]
    elif dice < 0.10:
        return [new_uuid(rng)]
    some = [p for p in ports if (p in plugged) == (dice < 0.22)]
    return some and [rng.choice(some)]


def free_names(model, switch_names, hv):
    return [n for n in switch_names if (hv, n) not in model.vifs]


# Intent.

@operation(2)
class NetAdd:
    def choose(rng, world):
        if len(world.model.mine(world.model.networks)) < MAX_NETWORKS:
            return {"new": new_uuid(rng), "up": rng.random() < 0.85,
                    "segment": some_segment(rng, world)}
        return None

    def apply(world, new, up, segment):
        return world.add_network(new, up, segment and tuple(segment))


@operation(2)
class NetSegment:
    def choose(rng, world):
        network = pick(rng, world.model.mine(world.model.networks))
        return network and {"network": network,
                            "segment": some_segment(rng, world)}

    def apply(world, network, segment):
        return world.set_segment(network, segment and tuple(segment))


@operation(1)
class NetDel:
    def choose(rng, world):
        model = world.model
        network = pick(rng, model.mine(model.networks))
        few = network and len(model.ports_of(network)) <= 3
        return {"network": network} if few else None

    def apply(world, network):
        for port in world.model.ports_of(network):
            world.delete_port(port.uuid)
        return world.delete_network(network)


@operation(6)
class NetState:
    def choose(rng, world):
        network = pick(rng, world.model.mine(world.model.networks))
        return network and {"network": network, "up": rng.random() < 0.85}

    def apply(world, network, up):
        found = world.model.networks.get(network)
        return found and world.change(found, up=up)


@operation(12)
class PortAdd:
    def choose(rng, world):
        model = world.model
        networks = model.mine(model.networks)
        # One or two are larger than the others.
        network = pick(rng, networks[:2] if rng.random() < 0.5 else networks)
        if not network or len(model.mine(model.ports)) >= MAX_PORTS:
            return None
        waiting = pick(rng, sorted(i for i in world.unknown_iface_ids()))
        mac = some_mac(rng, model, network)
        return mac and {
            "port": waiting if waiting and rng.random() < 0.5
            else new_uuid(rng),
            "in_network": network, "mac": mac, "up": rng.random() < 0.8,
            "secure": rng.random() < 0.7,
            "host": pick(rng, ["", "", ELSEWHERE] + model.hvs)}

    def apply(world, port, in_network, mac, up, secure, host):
        return world.add_port(port, in_network, mac, up, secure, host)


@operation(6)
class PortDel:
    def choose(rng, world):
        port = pick(rng, world.model.mine(world.model.ports))
        return port and {"port": port}

    def apply(world, port):
        return world.delete_port(port)


@operation(16)
class PortState:
    def choose(rng, world):
        port = pick(rng, world.model.mine(world.model.ports))
        return port and {"port": port, "up": rng.random() < 0.75}

    def apply(world, port, up):
        found = world.model.ports.get(port)
        return found and world.change(found, up=up)


@operation(7)
class PortSecurity:
    def choose(rng, world):
        port = pick(rng, world.model.mine(world.model.ports))
        return port and {"port": port, "secure": rng.random() < 0.6}

    def apply(world, port, secure):
        found = world.model.ports.get(port)
        return found and world.change(found, secure=secure)


@operation(4)
class PortMac:
    def choose(rng, world):
        model = world.model
        port = pick(rng, model.mine(model.ports))
        mac = port and some_mac(rng, model, model.ports[port].network)
        return mac and {"port": port, "mac": mac}

    def apply(world, port, mac):
        found = world.model.ports.get(port)
        return (found and mac in free_macs(world.model, found.network, [mac])
                and world.change(found, mac=mac))


@operation(5)
class PortAnnounce:
    def choose(rng, world):
        port = pick(rng, world.model.mine(world.model.ports))
        return port and {"port": port, "host": pick(
            rng, ["", ELSEWHERE] + world.model.hvs)}

    def apply(world, port, host):
        found = world.model.ports.get(port)
        return found and world.change(found, host=host)


@operation(2)
class HostSet:
    def choose(rng, world):
        return {"hv": pick(rng, world.model.hvs), "up": rng.random() < 0.8}

    def apply(world, hv, up):
        return world.set_host(hv, up)


@operation(1)
class HostForget:
    def choose(rng, world):
        hv = pick(rng, [h for h in world.model.hvs if world.model.hosts[h]])
        return hv and {"hv": hv}

    def apply(world, hv):
        return world.forget_host(hv)


# What is plugged.

@operation(17)
class Plug:
    local = True

    def choose(rng, world):
        hv = pick(rng, world.model.hvs)
        names = list(world.switches[hv].devices)
        if rng.random() < 0.05:
            names = GHOSTS
        name = pick(rng, free_names(world.model, names, hv))
        ids = some_iface_id(rng, world.model)
        return {"hv": hv, "name": name,
                "iface_id": ids[0]} if name and ids else None

    def apply(world, hv, name, iface_id):
        return world.plug(hv, name, iface_id)


class VifChange:
    local = True

    def choose(rng, world):
        key = pick(rng, world.common_vifs())
        return key and {"hv": key[0], "name": key[1]}


@operation(9)
class Unplug(VifChange):
    def apply(world, hv, name):
        return world.unplug(hv, name)


@operation(3)
class Replug(VifChange):
    """Out and in again, with the same iface-id."""

    def apply(world, hv, name):
        vif = world.model.vifs.get((hv, name))
        return (vif and world.unplug(hv, name)
                and world.plug(hv, name, vif.iface_id))


@operation(3)
class Rename:
    """Another interface takes its place."""

    local = True

    def choose(rng, world):
        key = pick(rng, world.common_vifs())
        name = key and pick(rng, free_names(
            world.model, world.switches[key[0]].devices, key[0]))
        return name and {"hv": key[0], "name": key[1], "new": name}

    def apply(world, hv, name, new):
        vif = world.model.vifs.get((hv, name))
        return (vif and (hv, new) not in world.model.vifs
                and world.unplug(hv, name)
                and world.plug(hv, new, vif.iface_id))


@operation(6)
class Reclaim:
    """Its iface-id is changed in place."""

    local = True

    def choose(rng, world):
        key = pick(rng, world.common_vifs())
        ids = some_iface_id(rng, world.model)
        return {"hv": key[0], "name": key[1],
                "iface_id": ids[0]} if key and ids else None

    def apply(world, hv, name, iface_id):
        return world.reclaim(hv, name, iface_id)


@operation(2)
class Swap:
    """Two interfaces exchange their iface-ids."""

    local = True

    def choose(rng, world):
        key = pick(rng, world.common_vifs())
        other = key and pick(rng, [k for k in world.common_vifs()
                                   if k[0] == key[0] and k != key])
        return other and {"hv": key[0], "name": key[1], "other": other[1]}

    def apply(world, hv, name, other):
        a = world.model.vifs.get((hv, name))
        b = world.model.vifs.get((hv, other))
        if not a or not b:
            return False
        ids = b.iface_id, a.iface_id
        return (world.reclaim(hv, name, ids[0])
                and world.reclaim(hv, other, ids[1]))


@operation(4)
class Move:
    """A port's interface appears on another hypervisor; `hold`: the first
    still has it."""

    def choose(rng, world):
        model = world.model
        key = pick(rng, world.common_vifs())
        to = key and pick(rng, [h for h in model.hvs if h != key[0]])
        name = to and pick(rng, free_names(
            model, world.switches[to].devices, to))
        return name and {"hv": key[0], "name": key[1], "to": to, "new": name,
                         "hold": rng.random() < 0.4}

    def apply(world, hv, name, to, new, hold):
        vif = world.model.vifs.get((hv, name))
        if not vif or (to, new) in world.model.vifs:
            return False
        if vif.iface_id in world.model.ports:
            world.change(world.model.ports[vif.iface_id], host=to)
        if not hold:
            world.unplug(hv, name)
        return world.plug(to, new, vif.iface_id)
