# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The real `openstack` command line client, against a notifier."""

import collections
import json
import os
import shlex
import shutil
import subprocess
import time

from . import process

SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      "openstack_server.py")

# A request that the client sent and its answer.  `path` begins with "/",
# `query` is a list of pairs; `request` and `answer` are parsed JSON, text if
# they are none, None if empty.
Call = collections.namedtuple(
    "Call", "method path query request status answer")

# What a command came to: `calls` are those Call it made, discovery aside.
Result = collections.namedtuple("Result", "status stdout stderr calls")


class OpenStack:
    """A context manager.  run() runs one command in a process forked from one
    that has loaded the client's code, which takes a tenth of the time;
    execute() runs the program itself.  Both know neither the environment nor
    the files of who runs the test."""

    def __init__(self, netns, url, directory):
        self.netns, self.url = netns, url
        self.home = os.path.join(directory, "home")
        os.makedirs(self.home, exist_ok=True)
        self.env = {"HOME": self.home, "LC_ALL": "C.UTF-8",
                    "PATH": os.environ["PATH"]}
        self.server = None

    def __enter__(self):
        self.server = subprocess.Popen(
            self.netns.enter() + [interpreter(), "-IB", SERVER],
            cwd=self.home, env=self.env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        return self

    def __exit__(self, *_):
        self.server.stdin.close()
        self.server.wait()
        self.server.stdout.close()

    def run(self, *args):
        """Runs a command, given as one string or as its words; returns its
        Result."""
        argv = self._argv(args)
        started = time.monotonic()
        self.server.stdin.write(json.dumps(argv) + "\n")
        self.server.stdin.flush()
        result = json.loads(self.server.stdout.readline())
        calls = [Call(*call) for call in result.pop("calls")]
        result = Result(calls=[c for c in calls if c.path != "/"], **result)
        process.record(["openstack"] + argv, time.monotonic() - started,
                       result.status, result.stderr)
        return result

    def ok(self, *args):
        """Runs a command that must succeed; returns what it prints,
        stripped."""
        result = self.run(*args)
        if result.status:
            raise process.CommandError(
                ["openstack", *self._words(args)], result.status,
                result.stdout, result.stderr)
        return result.stdout.strip()

    def json(self, *args):
        """Runs a command that must succeed and print something; returns that,
        as JSON (-f json)."""
        return json.loads(self.ok(*self._words(args), "-f", "json"))

    def execute(self, *args):
        """Runs the program `openstack` itself; returns a Result without
        calls."""
        argv = ["openstack"] + self._argv(args)
        started = time.monotonic()
        done = subprocess.run(
            self.netns.enter() + argv, cwd=self.home, env=self.env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=process.COMMAND_TIMEOUT, start_new_session=True)
        process.record(argv, time.monotonic() - started, done.returncode,
                       done.stderr)
        return Result(done.returncode, done.stdout, done.stderr, [])

    def _argv(self, args):
        return ["--os-auth-type", "none", "--os-endpoint", self.url,
                *self._words(args)]

    @staticmethod
    def _words(args):
        return shlex.split(args[0]) if len(args) == 1 else list(args)


def interpreter():
    """The Python that has the client's code, which need not be ours."""
    with open(shutil.which("openstack")) as f:
        return f.readline()[len("#!"):].split()[0]
