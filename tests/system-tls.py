#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Certificates and roles: the main job works with them, and whoever has an
agent's certificate can do nothing but what that agent is for."""

import os

from lab import CommandError, Lab, tap, tls, wait_until
from lab.roles import (OTHER, STATUS, Scene, check_works, columns, delete,
                       insert, of, update)


@tap.case("the main job, with certificates and roles", timeout=90)
def main_job():
    with Lab() as lab:
        lab.agents = False
        scene = Scene(lab)
        hv1 = scene.add_hypervisor("hv1", scene.hv1)
        hv2 = scene.add_hypervisor("hv2", scene.hv2)
        scene.ctl("net-add", "blue")
        a, b = (hv1.add_port("blue", name, ip="10.0.0.%d/24" % i)
                for i, name in enumerate("ab", 1))
        c = hv2.add_port("blue", "c", ip="10.0.0.3/24")
        for vm, host in ((a, "hv1"), (b, "hv1"), (c, "hv2")):
            scene.nb.wait_binding(vm.port, host, up=True)
        check_works(scene, a, b)


@tap.case("what comes and goes is written with roles too", timeout=90)
def comings_and_goings():
    with Lab() as lab:
        lab.agents = False
        scene = Scene(lab)
        hv1 = scene.add_hypervisor("hv1", scene.hv1)
        hv2 = scene.add_hypervisor("hv2", scene.hv2)
        scene.ctl("net-add", "blue", "--", "net-add", "red")
        a = hv1.add_port("blue", "a")
        scene.nb.wait_hosts(a.port, "hv1")

        # To another hypervisor, and back.
        hv1.unplug(a.name)
        there = hv2.add_vif(a.port, mac=a.mac)
        scene.nb.wait_hosts(a.port, "hv2")
        hv2.unplug(there.name)
        hv1.plug(a.name, a.port)
        scene.nb.wait_binding(a.port, "hv1", up=True)

        # To another network: a row says of what it is and may not change.
        red = scene.nb.uuid("Network", "red")
        scene.ctl("set", "Port", "a", "network=" + red)
        scene.nb.wait_binding(a.port, "hv1", up=True, network=["uuid", red])
        wait_until(lambda: [r["network"][1] for r in scene.nb.rows(
            "Network_Binding")] == [red], what="a binding of red alone")

        scene.ctl("port-del", "a")
        hv1.wait_status(a.name, "unknown-port")
        wait_until(lambda: not scene.nb.rows("Port_Binding")
                   and not scene.nb.rows("Network_Binding"),
                   what="no bindings")
        wait_until(lambda: len(scene.nb.rows("Agent")) == 2, what="two agents")


@tap.case("an agent's certificate is no right to touch intent")
def intent():
    with Lab() as lab:
        scene = Scene(lab)
        scene.fill()
        disable = {"op": "update", "table": "Port", "where": [],
                   "row": {"admin_state_up": False}}
        scene.check_refused(scene.hv1, disable)
        scene.check_intent_refused(scene.hv1)

        try:
            scene.db.ctl(scene.hv1, "port-disable", "a",
                         remote=scene.db.remote)
        except CommandError as e:
            assert "permission error" in e.stderr, e
        else:
            raise AssertionError("sluice-nbctl disabled a port")

        # It is the role that forbids it.
        result = scene.db.transact(scene.operator, disable,
                                   remote=scene.db.operators)
        assert result == [{"count": 1}], result


@tap.case("an agent's certificate is no right to another's rows")
def others_rows():
    with Lab() as lab:
        scene = Scene(lab)
        scene.fill()
        for table, key in STATUS.items():
            own = columns(scene.nb.rows(table, where=of("hv1"))[0])
            free = {c: v for c, v in own.items() if c not in key}
            scene.check_allowed(scene.hv1, update(table, "hv1", **free))

            scene.check_refused(
                scene.hv1, update(table, "hv2", **free),
                update(table, None, **free),
                *(update(table, "hv2", **{c: v}) for c, v in free.items()),
                delete(table, "hv2"), delete(table, None))

            # Neither made, nor made of one of its own.
            fresh = {c: "hv3" if c == "host" else OTHER for c in key}
            scene.check_refused(
                scene.hv1, insert(table, **fresh), insert(table),
                *(update(table, "hv1", **{c: v}) for c, v in fresh.items()))
            scene.check_allowed(scene.hv1, delete(table, "hv1"))


@tap.case("an agent whose certificate has another name writes nothing",
          timeout=90)
def wrong_name():
    with Lab() as lab:
        lab.agents = False
        scene = Scene(lab)
        hv = scene.add_hypervisor("hv1", scene.hv2)
        scene.ctl("net-add", "blue")
        a, b, c = (hv.add_port("blue", name, ip="10.0.0.%d/24" % i)
                   for i, name in enumerate("abc", 1))
        check_says_refused(hv)
        assert not scene.status_rows("hv1") + scene.status_rows("hv2")

        # With the right one, all is well.
        flows = hv.flows()
        watch = hv.watch_flows()
        scene.start_agent(hv, scene.hv1)
        for vm in (a, b, c):
            scene.nb.wait_binding(vm.port, "hv1", up=True)
        assert "refuse" not in hv.agent.appctl("status")
        hv.wait_in_step()
        assert hv.flows() == flows and not watch.changes()

        # With the wrong one again, it harms no flow, and says nothing that
        # its certificate does not back; but it does as the intent says.
        scene.ctl("--wait=hv", "port-disable", "c")
        watch.changes()
        good, shut = a.start_flow(b), a.start_flow(c)
        good.wait_received()
        before = scene.status_rows("hv1")
        scene.start_agent(hv, scene.hv2)
        hv.wait_in_step()
        good.wait_received()
        assert not watch.changes()
        watch.close()
        assert not good.stop()["lost"]
        assert not shut.stop()["received"]
        check_not_acknowledged(scene, "port-disable", "b")
        check_says_refused(hv)
        assert not a.reaches(b)
        assert scene.status_rows("hv1") == before


def check_says_refused(hv):
    """Checks that the agent says what is wrong with its certificate."""
    wait_until(lambda: "refuse" in hv.agent.appctl("status"),
               what="the agent's complaint")
    with open(hv.agent.log) as f:
        assert [line for line in f if "refused" in line and "hv2" in line]


@tap.case("who takes another's lock delays acknowledgements and forges none",
          timeout=90)
def thief():
    with Lab() as lab:
        lab.agents = False
        scene = Scene(lab)
        hv = scene.add_hypervisor("hv1", scene.hv1)
        scene.ctl("net-add", "blue")
        a, b = (hv.add_port("blue", name, ip="10.0.0.%d/24" % i)
                for i, name in enumerate("ab", 1))
        scene.ctl("--wait=hv", "net-disable", "blue", "--", "net-enable",
                  "blue")

        # Locks know no roles.
        stealing = scene.db.start_client(scene.hv2, "steal",
                                         "sluice_agent_hv1")
        wait_until(lambda: "another agent has its name"
                   in hv.agent.appctl("status"), what="the theft")
        check_not_acknowledged(scene, "port-disable", "b")
        assert not a.reaches(b)
        stealing.kill()
        stealing.wait()
        scene.ctl("--wait=hv", "port-enable", "b")
        assert a.reaches(b)


def check_not_acknowledged(scene, *args):
    """Checks that hv1 is waited for in vain."""
    try:
        scene.ctl("--wait=hv", "--timeout=3", *args)
    except CommandError as e:
        assert e.status == 2 and "hypervisor hv1 has not" in e.stderr, e
    else:
        raise AssertionError("a change was acknowledged")


@tap.case("who has no certificate, or another authority's, is refused")
def strangers():
    with Lab() as lab:
        lab.agents = False
        scene = Scene(lab)
        other = tls.Authority(os.path.join(lab.dir, "other"))
        impostor = other.issue("hv1")
        assert '"result":[]' in scene.db.echo(scene.ca, scene.hv1)
        assert scene.db.echo(scene.ca) == ""
        impostor.ca = scene.ca      # It believes the server.
        assert scene.db.echo(scene.ca, impostor) == ""

        # Nor does an agent talk to a database of another authority's.
        hv = scene.add_hypervisor("hv1", impostor)
        misled = scene.authority.issue("hv1-misled")
        misled.ca = other.own.certificate
        for identity, complaint in ((impostor, "unknown ca"),
                                    (misled, "certificate verify failed")):
            scene.start_agent(hv, identity)
            wait_until(lambda: says(hv, complaint), what=complaint)
            # A client may take a handshake for done that the server refuses.
            wait_until(lambda: hv.agent.appctl("connection-status").strip()
                       == "not connected", what="the end of a connection")
        assert not scene.status_rows("hv1")
        scene.start_agent(hv, scene.hv1)
        wait_until(lambda: scene.status_rows("hv1"), what="its Agent row")


def says(hv, text):
    with open(hv.agent.log) as f:
        return text in f.read()


tap.main(tools=("ip", "nsenter", "openssl", "ovs-vsctl", "ovsdb-client",
                "ovsdb-server", "ovs-vswitchd"))
