# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The test laboratory: see README in this directory."""

from . import tap
from .frame import frame, send_frame, send_frames
from .lab import Lab, LabError, Wire
from .probe import probe
from .process import CommandError, Frozen, WaitError, run, wait_until
from .sniffer import Sniffer

__all__ = ["Lab", "LabError", "Sniffer", "Wire", "CommandError", "Frozen",
           "WaitError", "frame", "probe", "run", "send_frame", "send_frames",
           "tap", "wait_until"]
