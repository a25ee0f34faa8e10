# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Certificates, and a northbound database that asks for them."""

import contextlib
import json
import os
import socket
import ssl
import subprocess

from . import paths, process
from .northbound import DATABASE
from .ovsdb import OvsdbClient

# Where agents connect, under their role; and operators, without one.
AGENT_PORT = 6642
OPERATOR_PORT = 6643

ROLE = "sluice-agent"

# Elliptic curves: a key takes a few milliseconds.
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

# For "openssl ca", the only command that makes a certificate of the past.
CA_CONFIG = """\
[ca]
default_ca = own
[own]
dir = %s
database = $dir/index
new_certs_dir = $dir
default_md = sha256
policy = any
rand_serial = yes
[any]
commonName = supplied
"""


class Identity:
    """A private key and a certificate, in files."""

    def __init__(self, base, ca):
        self.key, self.certificate = base + "-key.pem", base + "-cert.pem"
        self.ca = ca

    def options(self):
        """The options that Open vSwitch's programs and ours take."""
        return ["--private-key=" + self.key,
                "--certificate=" + self.certificate, "--ca-cert=" + self.ca]


class Authority:
    """A certificate authority, with its files in a new `directory`."""

    def __init__(self, directory):
        os.mkdir(directory)
        self.directory = directory
        self.own = Identity(os.path.join(directory, "ca"), None)
        self._request(self.own, "authority")

    def issue(self, name):
        """Returns a new Identity whose common name is `name`."""
        identity = self._identity(name)
        self._request(identity, name, "-CA", self.own.certificate,
                      "-CAkey", self.own.key)
        return identity

    def issue_expired(self, name):
        """Returns a new Identity like issue()'s of a year that is over."""
        identity = self._identity(name + "-expired")
        request = identity.key + ".request"
        process.run(["openssl", "req", "-new", *KEY, "-subj", "/CN=" + name,
                     "-keyout", identity.key, "-out", request])
        config = os.path.join(self.directory, "ca.conf")
        for path, text in ((config, CA_CONFIG % self.directory),
                           (os.path.join(self.directory, "index"), "")):
            with open(path, "w") as f:
                f.write(text)
        process.run(["openssl", "ca", "-config", config, "-batch", "-notext",
                     "-in", request, "-out", identity.certificate,
                     "-cert", self.own.certificate, "-keyfile", self.own.key,
                     "-startdate", "20200101000000Z",
                     "-enddate", "20210101000000Z"])
        return identity

    def _identity(self, base):
        return Identity(os.path.join(self.directory, base),
                        self.own.certificate)

    @staticmethod
    def _request(identity, name, *signer):
        process.run(["openssl", "req", "-x509", "-days", "30", *KEY, *signer,
                     "-subj", "/CN=" + name, "-keyout", identity.key,
                     "-out", identity.certificate])


class Secured:
    """Makes northbound database `nb` listen with TLS alone, as an operator
    would by sluice-nbctl: for agents, held to their role, at `nb.remote`, and
    for operators at `operators`."""

    def __init__(self, nb, server):
        address = nb.remote.split(":")[1]
        self.nb, self.netns = nb, nb.daemon.netns
        self.remote = nb.remote = "ssl:%s:%d" % (address, AGENT_PORT)
        self.operators = "ssl:%s:%d" % (address, OPERATOR_PORT)
        nb.ctl("init")
        nb.ctl("set-ssl", server.key, server.certificate, server.ca)
        nb.ctl("--inactivity-probe=0", "set-connection", "role=" + ROLE,
               "pssl:%d:%s" % (AGENT_PORT, address), "role=",
               "pssl:%d:%s" % (OPERATOR_PORT, address))
        nb.daemon.argv += ["--%s=db:%s,SSL,%s" % (
            column.replace("_", "-"), DATABASE, column)
            for column in ("private_key", "certificate", "ca_cert")]
        nb.daemon.restart()

    def transact(self, identity, *operations, remote=None):
        """Runs operations as `identity`, None for nobody, and returns the
        results, errors included."""
        return json.loads(self.netns.run(
            "ovsdb-client", *(identity.options() if identity else ()),
            "transact",
            remote or self.remote, json.dumps([DATABASE, *operations])))

    def start_client(self, identity, command, *args):
        """Starts ovsdb-client as `identity` and returns its Popen."""
        return self.netns.popen("ovsdb-client", *identity.options(), command,
                                self.remote, *args,
                                stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def ctl(self, identity, *args, remote=None):
        """Runs sluice-nbctl as `identity`; returns what it prints,
        stripped."""
        return self.netns.run(
            paths.program("utilities/sluice-nbctl"), *identity.options(),
            "--db=" + (remote or self.operators), *args).strip()

    def echo(self, ca, identity=None):
        """Connects, checking the server's certificate by `ca`, and asks for
        an echo.  Returns "" if the server does not answer, else what it
        says."""
        # The server may close a connection at whatever point it likes.
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            with self.connect(ca, identity) as s:
                s.sendall(json.dumps({"method": "echo", "params": [],
                                      "id": 0}).encode())
                return s.recv(4096).decode()
        return ""

    def client(self, identity):
        """Returns an OvsdbClient that is there as `identity`."""
        return OvsdbClient(None, DATABASE, self.connect(identity.ca, identity))

    def connect(self, ca, identity=None):
        """Returns a new connection, checking the server's certificate by
        `ca`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(ca)
        if identity:
            context.load_cert_chain(identity.certificate, identity.key)
        return context.wrap_socket(self.connect_plain())

    def connect_plain(self):
        """Returns a new connection, by TCP alone."""
        return self.netns.call(self._connect)

    def _connect(self):
        _, address, port = self.remote.split(":")
        return socket.create_connection((address, int(port)), timeout=10)
