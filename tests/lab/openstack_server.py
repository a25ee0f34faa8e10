#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Runs commands of the `openstack` client, each in a fork of this process,
which has loaded the client's code once.

Each line of standard input is a JSON array, the command line; each line of
output an object: the exit status, what was printed, and the HTTP requests that
the client's session sent, with their answers (see openstack.py)."""

import json
import os
import sys
import tempfile
import urllib.parse

import requests
from openstackclient import shell
# What the commands of a Networking API client load as they start.
import openstack.connection  # noqa: F401
import openstack.network.v2._proxy  # noqa: F401
import openstackclient.network.client  # noqa: F401


def watch(calls):
    """Adds to `calls` each request that the client sends."""
    send = requests.Session.send

    def watched(self, request, **kwargs):
        response = send(self, request, **kwargs)
        url = urllib.parse.urlsplit(request.url)
        calls.append([request.method, url.path or "/",
                      urllib.parse.parse_qsl(url.query, True),
                      parsed(request.body), response.status_code,
                      parsed(response.content)])
        return response
    requests.Session.send = watched


def parsed(body):
    if isinstance(body, bytes):
        body = body.decode(errors="replace")
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body


def child(argv, files):
    """Runs a command as the program would; its last deed is to write what
    was called."""
    for number, file in enumerate(files[:2], 1):
        os.dup2(file.fileno(), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    calls = []
    watch(calls)
    status = 1
    try:
        sys.argv = ["openstack"] + argv
        status = shell.main(argv)
    except SystemExit as e:
        status = e.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        json.dump(calls, files[2])
        files[2].flush()
    os._exit(status if isinstance(status, int) else status is not None)


def run(argv):
    with tempfile.TemporaryFile("w+") as out, \
            tempfile.TemporaryFile("w+") as err, \
            tempfile.TemporaryFile("w+") as log:
        pid = os.fork()
        if not pid:
            child(argv, [out, err, log])
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        texts = []
        for file in (out, err, log):
            file.seek(0)
            texts.append(file.read())
    return {"status": status, "stdout": texts[0], "stderr": texts[1],
            "calls": json.loads(texts[2] or "[]")}


def main():
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)


main()
