# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A small OVSDB client, for what is too much for a command line: thousands of
rows in one transaction, and the moment a change was announced."""

import codecs
import json
import socket
import threading
import time


class OvsdbError(Exception):
    """The server refused something."""


class OvsdbClient:
    """A connection to the server at unix socket `path`, or one that is there
    already, for `database`."""

    def __init__(self, path, database, connected=None):
        self.database = database
        self.socket = connected or socket.socket(socket.AF_UNIX,
                                                 socket.SOCK_STREAM)
        if not connected:
            self.socket.connect(path)
        self.utf8 = codecs.getincrementaldecoder("utf-8")()
        self.buffer = ""
        self.decoder = json.JSONDecoder()
        self.next_id = 0

    def close(self):
        self.socket.close()

    def transact(self, *operations):
        """Runs operations (dicts, as in RFC 7047) in one transaction and
        returns their results.  Raises OvsdbError if one fails."""
        results = self.request("transact", [self.database, *operations])
        for result in results:
            if result and "error" in result:
                raise OvsdbError("%s: %s" % (result["error"],
                                             result.get("details", "")))
        return results

    def request(self, method, params):
        """Sends a request and returns its result."""
        self.send(method, params)
        while True:
            message = self.receive()
            if message.get("id") == self.next_id and "method" not in message:
                if message.get("error"):
                    raise OvsdbError(json.dumps(message["error"]))
                return message["result"]

    def send(self, method, params):
        """Sends a request, whose reply receive() will return."""
        self.next_id += 1
        self._send({"method": method, "params": params, "id": self.next_id})

    def receive(self):
        """Returns the next message, answering echo requests."""
        while True:
            message = self._receive_one()
            if message.get("method") != "echo":
                return message
            self._send({"result": message["params"], "error": None,
                        "id": message["id"]})

    def _receive_one(self):
        while True:
            text = self.buffer.lstrip()
            if text:
                try:
                    message, end = self.decoder.raw_decode(text)
                    self.buffer = text[end:]
                    return message
                except ValueError:
                    pass
            data = self.socket.recv(1 << 20)
            if not data:
                raise OvsdbError("the server closed the connection")
            self.buffer = text + self.utf8.decode(data)

    def _send(self, message):
        self.socket.sendall(json.dumps(message).encode())


class Watcher:
    """Notes when a change was announced to any of `columns`, a dict from
    tables to lists of their columns.

    `times` has one (CLOCK_MONOTONIC in ns, update) for each announcement, in
    order, the initial contents excluded."""

    def __init__(self, path, database, columns):
        self.client = OvsdbClient(path, database)
        self.times = []
        self.client.request("monitor", [database, None, {
            table: {"columns": names} for table, names in columns.items()}])
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while True:
                message = self.client.receive()
                if message.get("method") == "update":
                    self.times.append((time.monotonic_ns(),
                                       message["params"][1]))
        except (OvsdbError, OSError):
            return

    def close(self):
        try:
            self.client.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join()
        self.client.close()
