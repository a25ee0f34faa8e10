# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The test server on notifier/http/ (tests/echo/echo-server.c), and clients
that need not keep to the protocol."""

import contextlib
import http.client
import json
import socket
import ssl
import subprocess
import tempfile

from . import paths, process

PROGRAM = "tests/echo/echo-server"

# Longer than anything takes: what waits for this long has failed.
TIMEOUT = 20

# What a sanitizer or the server says when something is badly wrong.
COMPLAINTS = ("ERROR: ", "runtime error:", "|EMER|", "Fatal error")


class Echo:
    """A server, for a with block; `limits` are its options, with _ for -.
    At the end it must exit by itself and have had no complaint."""

    def __init__(self, tls=None, **limits):
        self.tls = tls
        self.options = ["--%s=%s" % (k.replace("_", "-"), v)
                        for k, v in limits.items()]
        if tls:
            self.options += ["--certificate=" + tls.certificate,
                             "--private-key=" + tls.key]
        self.process = self.log = self.port = None

    def __enter__(self):
        self.log = tempfile.TemporaryFile("w+", errors="replace")
        self.process = process.popen(
            [paths.program(PROGRAM)] + self.options,
            stdout=subprocess.PIPE, stderr=self.log)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None and self.process.poll() is None:
                self.get("/exit")
                self.await_exit()
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.log.seek(0)
            said = self.log.read()
            self.log.close()
        if kind is None:
            assert not any(c in said for c in COMPLAINTS), said[-4000:]

    def await_exit(self):
        status = self.process.wait(TIMEOUT)
        assert status == 0, "exit status %d" % status

    def connect(self):
        """Returns a connected socket, with TLS if the server has it."""
        s = socket.create_connection(("127.0.0.1", self.port), TIMEOUT)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            context = ssl.create_default_context(cafile=self.tls.ca)
            context.check_hostname = False
            s = context.wrap_socket(s)
        return s

    def send(self, data):
        """Sends `data` on a new connection and returns that."""
        s = self.connect()
        s.sendall(data)
        return s

    def ask(self, data):
        """Sends `data` and returns the reply's (status, body), or None if the
        connection is closed without one."""
        with self.send(data) as s:
            return receive(s)

    def get(self, path):
        """Returns the JSON that a GET gets, or the text."""
        status, body = self.ask(request("GET", path, close=True))
        assert 200 <= status < 300, (status, body)
        return json.loads(body) if body[:1] == b"{" else body.decode()

    def post(self, path, body):
        status, reply = self.ask(request("POST", path, body, close=True))
        assert status == 200, (status, reply)
        return json.loads(reply)

    def stats(self):
        """The server's statistics, without the connection that asks."""
        stats = self.get("/stats")
        stats["connections"] -= 1
        stats["waiting"] -= 1
        return stats

    def await_stats(self, **expected):
        """Waits until the statistics are as `expected`."""
        def there():
            stats = self.stats()
            return all(stats[k] == v for k, v in expected.items())
        process.wait_until(there, TIMEOUT, "%s" % expected)

    def rss_kb(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def assert_grown_less(self, before_kb, kb):
        """Fails if the server's memory has grown by more than `kb` since it
        was `before_kb`.  A sanitizer keeps what was freed: with one this says
        nothing."""
        now = self.rss_kb()
        assert paths.sanitized(paths.program(PROGRAM)) or now - before_kb < kb, (
            "from %d kB to %d kB" % (before_kb, now))


def request(method, target, body=b"", close=False, headers=()):
    """Returns the bytes of a request."""
    lines = ["%s %s HTTP/1.1" % (method, target), "Host: h"] + list(headers)
    if body:
        lines.append("Content-Length: %d" % len(body))
    if close:
        lines.append("Connection: close")
    return "\r\n".join(lines + ["", ""]).encode() + body


def receive(s, method="GET"):
    """Reads one reply from socket `s`: (status, body), or None if the
    connection is closed, or reset, before one."""
    response = http.client.HTTPResponse(s, method=method)
    try:
        with contextlib.closing(response):
            response.begin()
            return response.status, response.read()
    except (http.client.RemoteDisconnected, ConnectionResetError,
            BrokenPipeError, ssl.SSLError):
        return None


def closed(s):
    """True if socket `s` has come to its end: closed, or reset."""
    try:
        return s.recv(1) == b""
    except (ConnectionResetError, ssl.SSLError):
        return True
