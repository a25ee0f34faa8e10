# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A client of the Networking API: one kept-alive connection, JSON in and out,
and nothing hidden: what the server does to a connection, the caller sees."""

import http.client
import json
import socket
import urllib.parse

# A request that takes longer is not answered at all.
TIMEOUT = 30


class ApiError(Exception):
    """A request was answered by something else than 2xx.  `reply` is the
    Reply; `status` and `type` (of the NeutronError) are what tests ask."""

    def __init__(self, method, path, reply):
        self.reply, self.status, self.type = reply, reply.status, reply.type
        super().__init__("%s %s: %s" % (method, path, reply))


class Reply:
    """An answer.  `headers` is case-insensitive, `body` in bytes."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        """The body as JSON; None if it is empty."""
        return json.loads(self.body) if self.body else None

    @property
    def error(self):
        """What is under "NeutronError", or None."""
        try:
            return self.json["NeutronError"]
        except (ValueError, TypeError, KeyError):
            return None

    @property
    def type(self):
        return self.error and self.error["type"]

    @property
    def message(self):
        return self.error and self.error["message"]

    def __str__(self):
        return "%d %s" % (self.status,
                          self.body[:1000].decode(errors="replace"))


class Connection(http.client.HTTPConnection):
    """An HTTPConnection over sockets that connect() makes."""

    def __init__(self, connect, host):
        super().__init__(host)
        self.make_socket = connect

    def connect(self):
        self.sock = self.make_socket()
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Client:
    """A client over sockets that connect() returns, which is called for the
    first request and for each after the connection was lost or closed.
    `token` goes with every request.

    request() and those named after methods return a Reply, whatever its
    status; create(), show(), list(), update() and remove() return objects
    and raise ApiError unless the status is 2xx.  `kind` is a resource's name
    ("port") whose plural takes an "s"."""

    def __init__(self, connect, host, token=None):
        self.connection = Connection(connect, host)
        self.token = token

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None, headers=()):
        """Sends a request.  `path` is sent as it is, and so is a `body` that
        is a string or bytes; any other is sent as JSON.  If the connection
        breaks, raises what http.client raises."""
        headers = dict(headers)
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        if self.token:
            headers.setdefault("X-Auth-Token", self.token)
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        except BaseException:
            self.close()
            raise

    def get(self, path, **headers):
        return self.request("GET", path, headers=headers)

    def post(self, path, body, **headers):
        return self.request("POST", path, body, headers)

    def put(self, path, body, **headers):
        return self.request("PUT", path, body, headers)

    def delete(self, path, **headers):
        return self.request("DELETE", path, headers=headers)

    def create(self, kind, attributes=(), **more):
        """Creates an object and returns it.  Attributes whose names are not
        Python's ("binding:host_id") go in the dict `attributes`."""
        return self._ok("POST", collection(kind),
                        {kind: dict(attributes, **more)})[kind]

    def bulk(self, kind, objects):
        """Creates objects in one request and returns them."""
        return self._ok("POST", collection(kind),
                        {kind + "s": objects})[kind + "s"]

    def show(self, kind, id):
        return self._ok("GET", member(kind, id))[kind]

    def list(self, kind, filters=(), **more):
        """Returns the objects that match all `filters`, of which a list of
        values means any of them."""
        query = urllib.parse.urlencode(dict(filters, **more), doseq=True)
        path = collection(kind) + ("?" + query if query else "")
        return self._ok("GET", path)[kind + "s"]

    def update(self, kind, id, attributes=(), **more):
        """Changes attributes and returns the object."""
        return self._ok("PUT", member(kind, id),
                        {kind: dict(attributes, **more)})[kind]

    def remove(self, kind, id):
        self._ok("DELETE", member(kind, id))

    def _ok(self, method, path, body=None):
        reply = self.request(method, path, body)
        if not 200 <= reply.status < 300:
            raise ApiError(method, path, reply)
        return reply.json


def collection(kind):
    return "/v2.0/%ss" % kind


def member(kind, id):
    return "%s/%s" % (collection(kind), id)
