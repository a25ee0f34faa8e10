#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Runs fuzz-api on its corpus, and on the requests of the recording."""

import os
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
program = pathlib.Path(os.environ["SLUICE_BUILDDIR"], "tests/fuzz/fuzz-api")

with tempfile.TemporaryDirectory() as seeds:
    subprocess.run([sys.executable, here / "seeds.py",
                    here.parent / "api" / "transcript.jsonl", seeds],
                   check=True)
    files = [path for directory in (here / "corpus", pathlib.Path(seeds))
             for path in sorted(directory.iterdir())]
    assert len(files) > 50
    sys.exit(subprocess.run([program, *files]).returncode)
