# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Where things are: the source tree, the build, what Open vSwitch installs."""

import os

SRCDIR = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# Set by `make check` and ./dev; a script started by hand uses ./dev's build.
BUILDDIR = os.environ.get("SLUICE_BUILDDIR",
                          os.path.join(SRCDIR, ".build", "gcc"))

# Where the logs of failed cases are kept.
LOGSDIR = os.environ.get("SLUICE_LOGSDIR",
                         os.path.join(BUILDDIR, "tests", "logs"))

NB_SCHEMA = os.path.join(SRCDIR, "ovsdb-schema", "sluice-nb.ovsschema")
OVS_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"


class NotBuilt(Exception):
    """A program of ours is not there."""


def sanitized(path):
    """Whether program `path` is built with AddressSanitizer."""
    with open(path, "rb") as f:
        return b"__asan_init" in f.read()


def program(name):
    """Returns the path of program `name`, relative to the build."""
    path = os.path.join(BUILDDIR, name)
    if not os.access(path, os.X_OK):
        raise NotBuilt("%s is not built (see ./dev build; SLUICE_BUILDDIR "
                       "names the build directory)" % path)
    return path
