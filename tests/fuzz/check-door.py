#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Runs fuzz-door on its corpus."""

import os
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
program = pathlib.Path(os.environ["SLUICE_BUILDDIR"], "tests/fuzz/fuzz-door")

files = sorted((here / "corpus-door").iterdir())
assert len(files) > 40
sys.exit(subprocess.run([program, *files]).returncode)
