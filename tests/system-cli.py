#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The `openstack` CLI and the requests it makes, held to a recording of them
against Neutron (tests/api): the same exit statuses, the same fields, the same
values where they follow from what was asked."""

import contextlib
import urllib.parse

from api import recording
from api.replay import Replay, until_lucky
from lab import Lab, tap, wait_until

# The hypervisor that the recording binds ports to.
HOST = "hv1"


@contextlib.contextmanager
def world():
    """A notifier, and an agent at HOST that it knows; yields the notifier."""
    with Lab() as lab:
        notifier = lab.add_notifier()
        lab.add_hypervisor(HOST)
        with notifier.client() as client:
            wait_until(lambda: [a for a in client.list("agent", host=HOST)
                                if a["alive"]], what="a live agent")
        yield notifier


def check_refused(call, status, answer):
    """Checks the answer to a call that asks for what is not offered: a 4xx
    whose message names it."""
    if call.unknown_path():
        names, expected = [call.path.split("/")[2]], 404
    else:
        names, expected = [name for _, name in call.refused()], 400
    assert status == expected, (call, status, answer)
    message = answer["NeutronError"]["message"]
    assert any(name in message for name in names), (call, message)


@tap.case("each request of the recording: the same status, the same fields")
@until_lucky
def requests():
    replay = Replay()
    with world() as notifier, notifier.client() as client:
        def send(call):
            reply = client.request(
                call.method, call.path + query(call), call.request)
            return reply.status, reply.json
        count = 0
        for call in recording.calls():
            ours = replay.request(call)
            if call.unknown_path() or call.refused():
                check_refused(call, *send(ours))
                if call.unknown_path() or not call.without_refused():
                    continue
                ours = replay.request(call.without_refused())
            replay.check(call, *send(ours))
            count += 1
        assert count > 130, count


def query(call):
    text = urllib.parse.urlencode(call.query)
    return "?" + text if text else ""


def check_calls(replay, command, result):
    """Checks that the CLI sent what it did when it was recorded, and was
    answered the same."""
    assert [c.method for c in result.calls] == [
        c.method for c in command.calls], (command, result)
    for call, made in zip(command.calls, result.calls):
        ours = replay.request(call)
        assert (ours.path, sorted(ours.query), ours.request) == (
            made.path, sorted(map(tuple, made.query)), made.request), (
                ours, made)
        replay.check(call, made.status, made.answer)


@tap.case("each command of the recording: the same exit status, the same"
          " fields", timeout=120)
@until_lucky
def commands():
    replay = Replay()
    with world() as notifier, notifier.openstack() as cli:
        for command in recording.commands():
            if not command.offered() or command.refused():
                refused(cli, replay, command)
                command = command.offered() and command.without_refused()
            if command:
                result = cli.run(replay.ours(str(command)))
                assert result.status == command.status(), (command, result)
                check_calls(replay, command, result)


def refused(cli, replay, command):
    """Runs a command that asks for what is not offered: it fails and says
    so."""
    result = cli.run(replay.ours(str(command)))
    assert result.status == 1, (command, result)
    last = recording.Call(str(command), *result.calls[-1])
    if command.words[:3] == ["port", "set", "--security-group"]:
        # It adds to those that the port has, and fails as it shows none.
        assert last.path == "/v2.0/ports" and result.stderr, result
        return
    check_refused(last, last.status, last.answer)
    message = last.answer["NeutronError"]["message"]
    assert message in result.stderr or "No " in result.stderr, (
        command, result.stderr, message)


@tap.case("what is not offered is not advertised either, nor shown")
def not_offered():
    with Lab() as lab, lab.add_notifier().client() as client:
        aliases = {e["alias"] for e in client.list("extension")}
        assert not aliases & recording.hidden_aliases(), aliases
        assert {"net-mtu", "provider", "binding", "agent", "pagination",
                "sorting", "revision-if-match", "standard-attr-revisions",
                "standard-attr-timestamp", "standard-attr-tag",
                "network-ip-availability", "project-id",
                "standard-attr-description"} <= aliases, aliases
        network = client.create("network", name="n")
        port = client.create("port", network_id=network["id"])
        for kind, made in (("network", network), ("port", port)):
            assert not recording.hidden(kind) & set(made), made
            for name in recording.hidden(kind):
                reply = client.put("/v2.0/%ss/%s" % (kind, made["id"]),
                                   {kind: {name: made.get(name)}})
                assert reply.status == 400 and name in reply.message, reply


@tap.case("the program itself: its ways in, its exit status, its output")
def program():
    with Lab() as lab:
        notifier = lab.add_notifier()
        cli = notifier.openstack()
        made = cli.execute("network", "create", "n", "-f", "value", "-c",
                           "name")
        assert (made.status, made.stdout) == (0, "n\n"), made
        # --os-endpoint with the version in it.
        cli.url += "/v2.0"
        listed = cli.execute("network", "list", "-f", "value", "-c", "Name")
        assert (listed.status, listed.stdout) == (0, "n\n"), listed
        missing = cli.execute("network", "show", "nosuch")
        assert missing.status == 1 and "nosuch" in missing.stderr, missing


@tap.case("the endpoint's forms, authentication's and a project's name")
def ways_in():
    with Lab() as lab:
        notifier = lab.add_notifier()
        for url in ("", "/", "/v2.0", "/v2.0/"):
            with notifier.openstack() as cli:
                cli.url = notifier.url + url
                assert cli.json("network", "list") == [], url
        with notifier.openstack() as cli:
            admin = cli.run("--os-auth-type", "admin_token", "--os-token",
                            "x", "network", "list")
            assert admin.status == 0, admin
            made = cli.json("network", "create", "--project", "foo", "n")
            assert made["project_id"] == "foo", made
            assert [n["Name"] for n in cli.json(
                "network", "list", "--project", "foo")] == ["n"]
            assert cli.json("network", "list", "--project", "bar") == []


@tap.case("a notifier that is not there: a clear failure")
def nobody():
    with Lab() as lab:
        notifier = lab.add_notifier()
        with notifier.openstack() as cli:
            assert cli.json("network", "list") == []
            notifier.stop()
            result = cli.run("network list")
            assert result.status == 1 and result.stderr, result
            notifier.start()
            assert cli.json("network", "list") == []


tap.main(tools=("ip", "nsenter", "ovsdb-server", "ovs-vswitchd", "openstack"))
