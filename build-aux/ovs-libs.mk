# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# Run inside an Open vSwitch build directory.  The libraries need
# BUILT_SOURCES first, and Open vSwitch's own Makefile makes them for "all"
# and "check" alone.

include Makefile

sluice-built-sources: $(BUILT_SOURCES)
sluice-libs: lib/libopenvswitch.la ovsdb/libovsdb.la
.PHONY: sluice-built-sources sluice-libs
