# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Runs a test of agents once more, with a notifier's OVSDB door between them
and the northbound database: for the scripts system-behind-door-*.py."""

import os
import runpy


def run(script):
    """Runs `script`, a file of this folder, as if it had been started."""
    os.environ.setdefault("SLUICE_TEST_DOOR", "notifier")
    runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                script), run_name="__main__")
