# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Event streams, each for one port: what a change costs, and how soon the one
concerned has it.

The clock starts when the transaction that flips a port's admin state is sent
to the northbound ovsdb-server, and stops when the event has come; and starts
again when the database has said that it is committed.  The notifier writes its
journal before it sends.  Before each change the one before has come, and
nobody else may have got anything."""

import json
import random
import resource
import select
import socket
import time
import uuid

from lab import Lab, process

from . import report, world

TIMEOUT = 30

# How long quiet streams are looked at, in seconds: two keep-alives.
QUIET = 30


def add_arguments(parser):
    parser.add_argument("--clients", default="100,1000,10000",
                        help="event streams, ascending (default: "
                        "%(default)s)")
    parser.add_argument("--changes", type=int, default=1000,
                        help="changes with each number of them (default: "
                        "%(default)s)")
    parser.add_argument("--raw", metavar="FILE",
                        help="write every sample to FILE, as JSON")


def main(args):
    counts = [int(n) for n in args.clients.split(",")]
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    raw = {}
    with Lab(agents=False) as lab:
        memory = memory_per_client(lab, max(counts))
        intent = world.Intent(lab.nb)
        intent.grow(max(counts))
        ports = [row["_uuid"][1] for row in lab.nb.rows("Port", ["_uuid"])]
        notifier = lab.add_notifier()
        print("Milliseconds, p50 / p90 / p99, of %d changes; %d ports in the "
              "database.  A client takes %.1f kB of the\nnotifier's memory.  "
              "%s.\n" % (args.changes, len(ports), memory,
                         report.machine()))
        table = report.Table(
            "clients", "transaction sent to event", "committed to event",
            "notifier's CPU per change (us)", "CPU while quiet")
        clients = Clients(notifier)
        for count in counts:
            clients.grow(ports[:count])
            # What is done once, and what connecting left behind, is not
            # what a change costs.
            measure(lab.nb, notifier, clients, ports[:count], 50)
            raw[count] = measure(lab.nb, notifier, clients, ports[:count],
                                 args.changes)
            quiet = quiet_share(notifier, clients)
            table.row("{:,}".format(count), *cells(raw[count], quiet))
        clients.close()
    if args.raw:
        with open(args.raw, "w") as f:
            json.dump(raw, f, indent=1)


def memory_per_client(lab, count):
    """Returns how much of the notifier's own memory a client takes, in kB:
    of one whose database is empty, so that no memory it has had for rows is
    there to be used again."""
    notifier = lab.add_notifier()
    clients = Clients(notifier)
    before = world.memory(notifier)[1]
    clients.grow([str(uuid.uuid4()) for _ in range(count)])
    after = world.memory(notifier)[1]
    clients.close()
    notifier.stop()
    return (after - before) / count


def measure(nb, notifier, clients, ports, changes):
    """Returns a dict: lists of "sent" and "committed", in us, until the event
    came, and "cpu", the processor time of a change in us."""
    client = nb.client()
    sent, committed = [], []
    clients.drain()
    cpu = notifier.cpu_seconds()
    for n in range(changes):
        port = random.choice(ports)
        start = time.monotonic_ns()
        reply, event = clients.change(client, port, n)
        sent.append((event - start) / 1000)
        committed.append(max(event - reply, 0) / 1000)
    cpu = notifier.cpu_seconds() - cpu
    client.close()
    return {"sent": sent, "committed": committed, "cpu": cpu / changes * 1e6}


def quiet_share(notifier, clients):
    """Returns the share of a processor that quiet streams cost."""
    before = notifier.cpu_seconds()
    end = time.monotonic() + QUIET
    while time.monotonic() < end:
        clients.drain(end - time.monotonic())
    return (notifier.cpu_seconds() - before) / QUIET


def cells(samples, quiet):
    return (report.percentiles(samples["sent"]),
            report.percentiles(samples["committed"]),
            "%.0f" % samples["cpu"], "%.2f %%" % (quiet * 100))


class Clients:
    """Event streams in one epoll set."""

    def __init__(self, notifier):
        self.notifier = notifier
        self.epoll = select.epoll()
        self.sockets, self.ports = {}, {}

    def close(self):
        for s in self.sockets.values():
            s.close()
        self.epoll.close()

    def grow(self, ports):
        """Opens a stream for each of `ports` that has none."""
        new = [p for p in ports if p not in self.ports]
        for s, port in zip(self.notifier.netns.call(
                lambda: [self._connect(p) for p in new]), new):
            self.sockets[s.fileno()] = s
            self.ports[port] = s.fileno()
            self.epoll.register(s, select.EPOLLIN)
        process.wait_until(
            lambda: "events: %d streams" % len(self.ports)
            in self.notifier.appctl("status"), TIMEOUT, "all streams")

    def _connect(self, port):
        s = socket.create_connection((self.notifier.address,
                                      self.notifier.port))
        s.sendall(b"GET /events?id=%s HTTP/1.1\r\nHost: h\r\n\r\n"
                  % port.encode())
        reply = s.recv(4096)
        if not reply.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError("no stream for %s: %r" % (port, reply))
        return s

    def drain(self, timeout=0.1):
        """Reads what there is: keep-alives."""
        for fd, _ in self.epoll.poll(timeout):
            if not self.sockets[fd].recv(1 << 16):
                raise RuntimeError("a stream has ended")

    def change(self, client, port, n):
        """Flips `port` by OVSDB `client`.  Returns when that was committed,
        and when the event came (CLOCK_MONOTONIC in ns)."""
        reply = event = None
        wanted = self.ports[port]
        self.epoll.register(client.socket, select.EPOLLIN)
        client.send("transact", [client.database, {
            "op": "update", "table": "Port",
            "where": [["_uuid", "==", ["uuid", port]]],
            "row": {"admin_state_up": n % 2 == 0, "description": str(n)}}])
        while not reply or not event:
            ready = self.epoll.poll(TIMEOUT)
            now = time.monotonic_ns()
            if not ready:
                raise RuntimeError("no event comes")
            for fd, _ in ready:
                if fd == client.socket.fileno():
                    client.receive()
                    reply = now
                elif self._is_event(fd):
                    if fd != wanted or event:
                        raise RuntimeError("an event for somebody else")
                    event = now
        self.epoll.unregister(client.socket)
        return reply, event

    def _is_event(self, fd):
        data = self.sockets[fd].recv(1 << 16)
        if not data:
            raise RuntimeError("a stream has ended")
        return b"\ndata: " in data
