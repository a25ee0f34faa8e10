#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Makes seeds for fuzz-api: seeds.py TRANSCRIPT DIRECTORY writes a file for
each different request of the recording (tests/api/README)."""

import hashlib
import json
import pathlib
import sys


def requests(transcript):
    with open(transcript, encoding="utf-8") as lines:
        for line in lines:
            call = json.loads(line)
            target = call["path"]
            if call["query"]:
                target += "?" + call["query"]
            yield call["method"], target, call["req"]


def main(transcript, directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for method, target, body in requests(transcript):
        for role in "admin", "member":
            seed = "%s %s %s\n" % (method, target, role)
            if body is not None:
                seed += json.dumps(body)
            seed = seed.encode()
            name = hashlib.sha256(seed).hexdigest()[:16]
            (directory / name).write_bytes(seed)


main(*sys.argv[1:])
