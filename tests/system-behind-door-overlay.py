#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""system-overlay.py with the agents behind a notifier's OVSDB door."""

import behind_door

behind_door.run("system-overlay.py")
