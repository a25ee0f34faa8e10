#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""random-operations.py with the agents behind a notifier's OVSDB door, and
fewer operations: what is at stake here is what comes between agents and
database, not what agents do."""

import os

import behind_door

os.environ.setdefault("SLUICE_OPERATIONS", "260")
behind_door.run("random-operations.py")
