#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Runs fuzz-door and fuzz-session on their corpus."""

import os
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
programs = pathlib.Path(os.environ["SLUICE_BUILDDIR"], "tests/fuzz")

# Sockets and sessions take their time.
CHANGES = {"fuzz-door": 2000, "fuzz-session": 500}

files = sorted((here / "corpus-door").iterdir())
assert len(files) > 40
print("1..%d" % len(CHANGES))
failed = False
for i, (name, changes) in enumerate(CHANGES.items()):
    result = subprocess.run(
        [programs / name, *files], stdout=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, "FUZZ_CHANGES": str(changes)})
    if result.returncode:
        print("".join("# %s\n" % line
                      for line in result.stdout.splitlines()), end="")
        failed = True
    print("%sok %d - %s" % ("not " if result.returncode else "", i + 1, name),
          flush=True)
sys.exit(failed)
