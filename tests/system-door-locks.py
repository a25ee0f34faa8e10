#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Locks at the notifier's OVSDB door and at the northbound server are the
same locks."""

import contextlib
import json
import os
import random
import signal

from lab import tap
from lab.lockdoor import LockDoor
from lab.nbserver import NbServer
from lab.ovsdb import OvsdbClient, OvsdbError


@contextlib.contextmanager
def scene(n_doors=1):
    """Yields a northbound server and doors that are connected to it."""
    with contextlib.ExitStack() as stack:
        nb = stack.enter_context(NbServer(init=False))
        doors = [stack.enter_context(LockDoor(nb.unix))
                 for _ in range(n_doors)]
        for door in doors:
            door.await_connected()
        yield (nb, *doors)


class Direct:
    """A client of the server itself."""

    def __init__(self, nb):
        self.client = OvsdbClient(nb.socket, "Sluice_Northbound")
        nb.clients.append(self.client)
        self.holds = set()

    def ask(self, method, lock):
        """Returns the reply's result."""
        result = self.client.request(method, [lock])
        self.note(result.get("locked"), lock)
        return result

    def error(self, method, *params):
        """Returns the error of a request that must fail, as JSON text."""
        try:
            self.client.request(method, list(params))
        except OvsdbError as e:
            return canonical(json.loads(str(e)))
        raise AssertionError("%s %s: no error" % (method, params))

    def expect(self, method, lock):
        """Waits for a notification, which must be the next message."""
        message = self.receive()
        assert (message["method"], message["params"]) == (method, [lock]), (
            message)

    def receive(self):
        """Returns the next message, without those that say what is known:
        the server tells a holder again when one that waits gives up."""
        while True:
            message = self.client.receive()
            method = message.get("method")
            if not method:
                return message
            lock = message["params"][0]
            if method == "stolen" or lock not in self.holds:
                self.note(method == "locked", lock)
                return message

    def note(self, holds, lock):
        (self.holds.add if holds else self.holds.discard)(lock)

    def close(self):
        self.client.close()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


@tap.case("who asks first has the lock, the next gets it after it")
def queue():
    with scene() as (nb, door):
        door.do("a lock L")
        door.expect("a lock L true")
        door.do("b lock L", "c lock L", "a holds L", "b holds L", "a lock M")
        door.expect("b lock L false", "c lock L false", "a holds L true",
                    "b holds L false", "a lock M true")
        assert door.ask("b show") == "b: 1: L waiting"
        door.do("a unlock L")
        door.expect("b locked L", "a unlock L {}")
        # One that waits goes without a word.
        door.do("d lock L", "c close", "b unlock L", "d holds L")
        door.expect("d lock L false", "d locked L", "b unlock L {}",
                    "d holds L true")
        assert door.ask("x status") == (
            "locks: 2 wanted, 2 held, 0 held by others")
        door.do("d close", "a close")
        assert door.ask("x status") == (
            "locks: 0 wanted, 0 held, 0 held by others")
        # What nobody here wants is anybody's.
        assert door.barrier() == []
        direct = Direct(nb)
        assert direct.ask("lock", "L") == {"locked": True}
        assert direct.ask("lock", "M") == {"locked": True}


@tap.case("errors are the server's")
def errors():
    with scene() as (nb, door):
        direct = Direct(nb)
        door.do("a unlock L", "a lock 1", "a steal x-y", "a unlock -")
        for method, lock in (("unlock", "L"), ("lock", "1"),
                             ("steal", "x-y"), ("unlock", "-")):
            door.expect("a error " + direct.error(method, lock))
        direct.ask("lock", "M")
        door.do("b lock M", "b lock M", "b steal M")
        door.expect("b error " + direct.error("lock", "M"),
                    "b error " + direct.error("steal", "M"))
        door.expect("b lock M false")
        door.do("b unlock M", "b unlock M")
        door.expect("b unlock M {}", "b error " + direct.error("unlock", "L")
                    .replace("L", "M"))


@tap.case("two doors and the server's own clients exclude each other")
def contention():
    with scene(2) as (nb, one, two):
        direct, late = Direct(nb), Direct(nb)
        one.do("a lock L")
        one.expect("a lock L true")
        two.do("b lock L")
        two.expect("b lock L false")
        assert direct.ask("lock", "L") == {"locked": False}
        assert two.ask("b show") == "b: 1: L waiting"
        assert two.ask("x status") == (
            "locks: 1 wanted, 0 held, 1 held by others")
        one.do("a unlock L", "a lock L")
        one.expect("a unlock L {}", "a lock L false")
        two.expect("b locked L")
        two.do("b close")
        direct.expect("locked", "L")
        assert late.ask("lock", "L") == {"locked": False}
        # The session's end is enough.
        direct.close()
        one.expect("a locked L")
        one.do("a close")
        late.expect("locked", "L")


@tap.case("a lock is stolen here, from another door and from the server's")
def steal():
    with scene(2) as (nb, one, two):
        direct = Direct(nb)
        assert direct.ask("lock", "L") == {"locked": True}
        one.do("a lock L", "b steal L")
        one.expect("a lock L false", "b steal L true")
        direct.expect("stolen", "L")
        # Here: who stole it has lost it, who waited for it waits on.
        one.do("c steal L", "b holds L")
        one.expect("b stolen L", "c steal L true", "b holds L false")
        assert one.ask("b show") == "b: 1: L lost"
        assert "must issue" in one.ask("b lock L")
        one.do("b unlock L")
        one.expect("b unlock L {}")
        assert "without" in one.ask("b unlock L")
        one.do("c unlock L")
        one.expect("a locked L", "c unlock L {}")
        # From another door, twice, and back.
        two.do("d steal L")
        two.expect("d steal L true")
        one.expect("a stolen L")
        assert one.ask("a holds L") == "a holds L false"
        assert direct.ask("unlock", "L") == {}
        assert direct.ask("steal", "L") == {"locked": True}
        two.expect("d stolen L")
        assert two.ask("d show") == "d: 1: L lost"
        two.do("e lock L")
        two.expect("e lock L false")
        assert direct.ask("unlock", "L") == {}
        one.expect("a locked L")
        one.do("a close")
        two.expect("e locked L")


@tap.case("who asked behind a thief that was robbed gets the lock in turn")
def behind_thief():
    with scene() as (nb, door):
        direct = Direct(nb)
        assert direct.ask("lock", "L") == {"locked": True}
        door.do("a steal L")
        door.expect("a steal L true")
        direct.expect("stolen", "L")
        door.do("b lock L")
        door.expect("b lock L false")
        assert direct.ask("unlock", "L") == {}
        assert direct.ask("steal", "L") == {"locked": True}
        door.expect("a stolen L")
        assert door.barrier() == []
        assert direct.ask("unlock", "L") == {}
        door.expect("b locked L")


@tap.case("while the server is away holders keep what they have")
def away():
    with scene() as (nb, door):
        door.do("a lock L", "c lock N")
        door.expect("a lock L true", "c lock N true")
        nb.daemon.kill9()
        door.await_connected(False)
        door.do("a holds L", "a show", "b lock L", "b lock M", "d steal N",
                "e lock N")
        door.expect("a holds L false", "a: 1: L held, uncertain",
                    "b lock L false", "b lock M false", "c stolen N",
                    "d steal N false", "e lock N false")
        nb.daemon.start()
        door.await_lines("b locked M", "d locked N")
        assert sorted(door.barrier()) == ["b locked M", "d locked N"]
        door.do("a holds L", "b holds M", "d holds N")
        door.expect("a holds L true", "b holds M true", "d holds N true")
        # Released while the server is away: it is the next one's after.
        nb.daemon.kill9()
        door.await_connected(False)
        door.do("a unlock L", "b holds L")
        door.expect("a unlock L {}", "b holds L false")
        nb.daemon.start()
        door.expect("b locked L")


@tap.case("what another has got meanwhile is stolen, and given back later")
def meanwhile():
    with scene() as (nb, door):
        door.do("a lock L", "b steal M")
        door.expect("a lock L true", "b steal M true")
        door.do("c lock M")
        door.expect("c lock M false")
        door.pause()
        nb.daemon.kill9()
        nb.daemon.start()
        direct = Direct(nb)
        assert direct.ask("lock", "L") == {"locked": True}
        assert direct.ask("lock", "M") == {"locked": True}
        door.resume()
        door.await_lines("a stolen L", "b stolen M")
        assert sorted(door.barrier()) == ["a stolen L", "b stolen M"]
        assert door.ask("a show") == "a: 1: L waiting"
        assert door.ask("b show") == "b: 1: M lost"
        assert direct.ask("unlock", "L") == {}
        door.expect("a locked L")
        assert direct.ask("unlock", "M") == {}
        door.expect("c locked M")


@tap.case("requests under way when the server stops or another one comes")
def under_way():
    with scene() as (nb, door):
        direct = Direct(nb)
        assert direct.ask("lock", "S") == {"locked": True}
        os.kill(nb.daemon.pid, signal.SIGSTOP)
        door.do("a lock L", "b lock L", "a unlock L", "a lock L")
        door.expect("b lock L false", "a lock L false", "a unlock L {}",
                    "a lock L false")
        door.do("c lock S", "d steal S", "e steal S", "f lock T",
                "f unlock T", "f lock T")
        door.expect("c lock S false", "d steal S false",
                    "f lock T false", "f unlock T {}")
        os.kill(nb.daemon.pid, signal.SIGCONT)
        door.await_lines("b locked L", "e steal S true", "f lock T true")
        assert sorted(door.barrier()) == [
            "b locked L", "e steal S true", "f lock T true"]
        direct.expect("stolen", "S")
        # Killed before it answers.
        os.kill(nb.daemon.pid, signal.SIGSTOP)
        door.do("g lock U", "h steal V")
        nb.daemon.kill9()
        door.await_lines("g lock U false", "h steal V false")
        nb.daemon.start()
        door.await_lines("g locked U", "h locked V")
        assert sorted(door.barrier()) == sorted([
            "g lock U false", "h steal V false", "g locked U", "h locked V"])


@tap.case("what was said of a request that is given up counts no more")
def given_up():
    with scene() as (nb, door):
        direct = Direct(nb)
        assert direct.ask("lock", "L") == {"locked": True}
        door.do("a lock L")
        door.expect("a lock L false")
        # The lock is on its way to the door, which lets go of it.
        door.pause()
        assert direct.ask("unlock", "L") == {}
        assert direct.ask("lock", "L") == {"locked": False}
        door.do("a unlock L", "a lock L")
        door.resume()
        door.expect("a unlock L {}", "a lock L false")
        direct.expect("locked", "L")
        assert door.barrier() == []
        assert direct.ask("unlock", "L") == {}
        door.expect("a locked L")


@tap.case("a thief that came before another one waits")
def two_thieves():
    with scene() as (nb, door):
        nb.daemon.kill9()
        door.await_connected(False)
        door.do("a steal L", "b steal L")
        door.expect("a steal L false", "b steal L false")
        nb.daemon.start()
        door.expect("b locked L")
        direct = Direct(nb)
        assert direct.ask("steal", "L") == {"locked": True}
        door.expect("b stolen L")
        assert door.barrier() == []
        assert direct.ask("unlock", "L") == {}
        door.expect("a locked L")


@tap.case("a thousand locks are asked for again")
def many():
    n = 1000
    with scene() as (nb, door):
        for i in range(n):
            door.do("c%d lock L%d" % (i, i))
            door.do("w%d lock L%d" % (i, i))
        got = sorted(door.barrier())
        assert got == sorted(["c%d lock L%d true" % (i, i) for i in range(n)]
                             + ["w%d lock L%d false" % (i, i)
                                for i in range(n)]), got
        nb.daemon.kill9()
        door.await_connected(False)
        nb.daemon.start()
        door.await_status("locks: %d wanted, %d held, 0 held by others"
                          % (n, n))
        direct = Direct(nb)
        for i in range(n):
            assert direct.ask("lock", "L%d" % i) == {"locked": False}
        for i in range(n):
            assert door.ask("c%d holds L%d" % (i, i)) == (
                "c%d holds L%d true" % (i, i))
            door.do("c%d close" % i)
            door.expect("w%d locked L%d" % (i, i))


class Twin:
    """A client at the server that is asked what one at the door is asked."""

    def __init__(self, nb, witness):
        self.nb, self.witness = nb, witness
        self.direct = Direct(nb)
        self.told = []

    def close(self):
        """Ends the session, which the server has noticed on return: all of
        its locks go at once."""
        assert self.direct.ask("lock", "end") == {"locked": True}
        self.direct.close()
        self.direct, self.told = Direct(self.nb), []
        if not self.witness.ask("lock", "end")["locked"]:
            self.witness.expect("locked", "end")
        self.witness.ask("unlock", "end")

    def do(self, method, lock):
        direct = self.direct
        direct.client.send(method, ["twin_" + lock])
        reply = self._receive_reply()
        if reply["error"]:
            self.told.append("error")
            return
        result = reply["result"]
        direct.note(result.get("locked"), "twin_" + lock)
        self.told.append("%s %s %s" % (method, lock, canonical(
            result.get("locked", result))))

    def drain(self):
        """Returns what was told, once all has come."""
        self.direct.client.send("echo", [])
        self._receive_reply()
        told, self.told = self.told, []
        return told

    def _receive_reply(self):
        while True:
            message = self.direct.receive()
            if "method" not in message:
                return message
            self.told.append("%s %s" % (
                message["method"], message["params"][0].split("_")[1]))


@tap.case("random requests have the results they have at the server",
          timeout=120)
def differential():
    seed = random.randrange(1 << 32)
    tap.note("seed %d" % seed)
    rng = random.Random(seed)
    with scene() as (nb, door):
        witness = Direct(nb)
        twins = {name: Twin(nb, witness) for name in "abcd"}
        for step in range(600):
            name = rng.choice("abcd")
            what = rng.choice(["lock"] * 4 + ["steal"] * 2 + ["unlock"] * 5
                              + ["close"])
            lock = rng.choice("LM")
            if what == "close":
                door.do(name + " close")
                twins[name].close()
            else:
                door.do("%s %s %s" % (name, what, lock))
                twins[name].do(what, lock)
            lines = door.barrier()
            for client, twin in twins.items():
                here = ["error" if " error " in line else line[2:]
                        for line in lines if line.startswith(client + " ")]
                there = twin.drain()
                assert sorted(here) == sorted(there), (
                    "step %d, %s %s %s: the door tells %s %s, the server %s"
                    % (step, name, what, lock, client, here, there))


@tap.case("of clients at two doors and the server one holds a lock",
          timeout=120)
def exclusion():
    seed = random.randrange(1 << 32)
    tap.note("seed %d" % seed)
    rng = random.Random(seed)
    with scene(2) as (nb, *doors):
        wanted = {}             # (door, client) to whether it asked.
        for step in range(200):
            i = rng.randrange(2)
            name = rng.choice("abc")
            what = rng.choice(["lock"] * 4 + ["steal", "unlock", "unlock",
                                              "close"])
            if step % 75 == 74:
                nb.daemon.kill9()
                for door in doors:
                    door.await_connected(False)
                nb.daemon.start()
                for door in doors:
                    door.await_connected()
            elif what == "close":
                doors[i].do("%s close" % name)
                wanted.pop((i, name), None)
            else:
                doors[i].do("%s %s L" % (name, what))
                wanted[i, name] = what != "unlock"
            for _ in range(2):
                for door in doors:
                    door.barrier()
            holders, waiting = [], []
            for j, door in enumerate(doors):
                for client in "abc":
                    show = door.ask("%s show" % client)
                    holds = door.ask("%s holds L" % client).endswith("true")
                    if holds:
                        holders.append((j, client))
                    if "waiting" in show:
                        waiting.append((j, client))
                    assert holds == ("L held" in show), show
                    assert ("0:" not in show) == wanted.get((j, client),
                                                            False), show
            assert len(holders) <= 1, (seed, step, holders)
            assert holders or not waiting, (seed, step, waiting)
        for door in doors:
            door.do("a close", "b close", "c close")
            door.barrier()
        for door in doors:
            door.barrier()


if __name__ == "__main__":
    tap.main(tools=("ovsdb-server", "ovsdb-tool"))
