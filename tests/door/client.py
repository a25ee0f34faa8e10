# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A connection of an OVSDB client that reads when it is told to, and so can
leave what it is sent unread."""

import codecs
import json
import select
import socket
import time

# Far more than a server takes under sanitizers.
TIMEOUT = 60


class Closed(Exception):
    """The server has closed the connection."""


class Silence(Exception):
    """What was waited for does not come."""


class Client:
    """A connection to unix socket `path`.

    on_notification(method, params) is called for each that is read, echoes
    excepted, which are answered."""

    def __init__(self, path, on_notification=None):
        self.on_notification = on_notification or (lambda *_: None)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.socket.settimeout(TIMEOUT)
        self.utf8 = codecs.getincrementaldecoder("utf-8")()
        self.decoder = json.JSONDecoder()
        self.text = ""
        self.next_id = 0
        self.reading = False
        self.replies = {}
        self.then = {}

    def close(self):
        self.socket.close()

    def send(self, method, params, then=None):
        """Sends a request; returns its id, to be given to reply().  When the
        reply is read, and before what follows it is, then(reply) is
        called."""
        self.next_id += 1
        self.then[self.next_id] = then
        self._send({"method": method, "params": params, "id": self.next_id})
        return self.next_id

    def notify(self, method, params):
        self._send({"method": method, "params": params, "id": None})

    def reply(self, request):
        """Waits for the reply to a request and returns it."""
        self.pump_until(lambda: request in self.replies,
                        "reply %s" % request)
        return self.replies.pop(request)

    def call(self, method, params):
        """Sends a request and returns the reply."""
        return self.reply(self.send(method, params))

    def pump_until(self, condition, what, timeout=TIMEOUT):
        """Reads until condition() is true."""
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or not self._readable(left):
                if not condition():
                    raise Silence("waited %g s in vain for %s" % (
                        timeout, what))
            else:
                self._read()

    def pump(self):
        """Reads what has come."""
        while self._readable(0):
            self._read()

    def _readable(self, timeout):
        return bool(self._poll(select.POLLIN, timeout))

    def _read(self):
        data = self.socket.recv(1 << 20)
        if not data:
            raise Closed("the server has closed the connection")
        self.text += self.utf8.decode(data)
        self.reading = True
        at = 0
        while True:
            while self.text[at:at + 1].isspace():
                at += 1
            if at == len(self.text):
                break
            try:
                message, at = self.decoder.raw_decode(self.text, at)
            except ValueError:
                break
            self._got(message)
        self.text = self.text[at:]
        self.reading = False

    def _got(self, message):
        if "method" not in message or message["method"] is None:
            self.replies[message["id"]] = message
            then = self.then.pop(message["id"], None)
            if then:
                then(message)
        elif message["method"] == "echo":
            self._send({"result": message["params"], "error": None,
                        "id": message["id"]})
        else:
            self.on_notification(message["method"], message["params"])

    def _poll(self, events, timeout):
        # Unlike select(2), for as many descriptors as there are.
        poll = select.poll()
        poll.register(self.socket, events)
        found = poll.poll(timeout * 1000)
        return found[0][1] if found else 0

    def _send(self, message):
        """A server that cannot send does not read, so this reads."""
        data = memoryview(json.dumps(message).encode())
        events = select.POLLOUT | (0 if self.reading else select.POLLIN)
        while data:
            found = self._poll(events, TIMEOUT)
            if not found:
                raise Silence("cannot send a request")
            if found & select.POLLIN:
                self._read()
            if found & ~select.POLLIN:
                data = data[self.socket.send(data, socket.MSG_DONTWAIT):]
