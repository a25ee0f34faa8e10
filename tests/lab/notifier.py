# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""sluice-notifier in the laboratory: made by Lab.add_notifier()."""

import os
import socket
import ssl
import urllib.parse

from . import paths, process
from .events import EventStream
from .openstack import OpenStack
from .rest import TIMEOUT, Client

# The first notifier of a namespace listens here, others after it.  The
# namespace is the test's own, so that nobody else can have the port.
HTTP_PORT = 9696

PROGRAM = "notifier/sluice-notifier"


class Notifier(process.Daemon):
    """A notifier of northbound database `nb` in namespace `netns`, with its
    files in a new `directory`.

    start() returns when it is ready; stop(), kill9(), restart(), appctl(),
    rss_kb(), coverage() and others are process.Daemon's.  `tokens` are lines
    for --auth=tokens:FILE, `tls` an Identity to serve TLS with, `options`
    more of the command line.  `journal` is the path of the journal, `url`
    what clients are told."""

    def __init__(self, netns, nb, name, directory, address="127.0.0.1",
                 port=HTTP_PORT, tokens=None, tls=None, options=()):
        os.makedirs(directory)
        self.address, self.port = address, port
        self.tls, self.token = tls, None
        self.directory = directory
        self.journal = os.path.join(directory, "journal.db")
        self.tokens = os.path.join(directory, "tokens")
        self.url = "%s://%s:%d" % ("https" if tls else "http", address, port)
        self.streams = []
        argv = [os.path.join(paths.BUILDDIR, PROGRAM), "--nb=" + nb.unix,
                "--http=%s:%d" % (address, port), "--journal=" + self.journal]
        if tokens is not None:
            self.write_tokens(tokens)
            argv.append("--auth=tokens:" + self.tokens)
        if tls:
            argv += ["--certificate=" + tls.certificate,
                     "--private-key=" + tls.key]
        super().__init__(netns, "sluice-notifier", argv + list(options),
                         directory, directory, {"OVS_RUNDIR": directory})

    def start(self, *more, ready=True):
        """Starts it and waits until /readyz says yes (`ready` false: until it
        has detached)."""
        paths.program(PROGRAM)
        super().start(*more)
        if ready:
            self.wait_ready()

    def wait_ready(self, timeout=10):
        process.wait_until(lambda: self.probe("/readyz") == 200, timeout,
                           "%s to be ready" % self.url)

    def probe(self, path):
        """Returns the status of a GET on a connection of its own; None if
        nobody answers."""
        try:
            with self.client() as client:
                return client.get(path).status
        except OSError:
            return None

    def write_tokens(self, lines):
        """Writes the file of tokens, as an editor would: a new file in place
        of the old one."""
        new = self.tokens + ".new"
        with open(new, "w") as f:
            f.write("".join(line + "\n" for line in lines))
        os.rename(new, self.tokens)

    def connect(self, timeout=TIMEOUT):
        """Returns a new TCP connection, inside TLS if it serves that."""
        s = self.netns.call(lambda: socket.create_connection(
            (self.address, self.port), timeout))
        if not self.tls:
            return s
        context = ssl.create_default_context(cafile=self.tls.ca)
        # The laboratory's certificates have a common name alone.
        context.check_hostname = False
        return context.wrap_socket(s)

    def client(self, token=None):
        """Returns a rest.Client; its first request connects."""
        return Client(self.connect, "%s:%d" % (self.address, self.port),
                      token or self.token)

    def events(self, last_event_id=None, token=None, **topics):
        """Returns an EventStream.  A topic's value may be a list."""
        query = urllib.parse.urlencode(topics, doseq=True)
        headers = {}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        if token or self.token:
            headers["X-Auth-Token"] = token or self.token
        return EventStream(self.connect,
                           "%s:%d" % (self.address, self.port),
                           "/events" + ("?" + query if query else ""),
                           headers)

    def openstack(self):
        """Returns an OpenStack, the CLI as a user of this notifier has it;
        a context manager."""
        return OpenStack(self.netns, self.url, self.directory)
