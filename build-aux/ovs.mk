# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# The Open vSwitch libraries, built once below $(OVS_BUILDDIR).

EXTRA_DIST += build-aux/ovs-libs.mk

OVS_STAMP = $(OVS_BUILDDIR)/sluice-ovs-libs.stamp
OVS_LIBS = $(OVS_BUILDDIR)/lib/libopenvswitch.la
OVSDB_LIBS = $(OVS_BUILDDIR)/ovsdb/libovsdb.la

# Everything compiled includes generated headers of theirs.
BUILT_SOURCES += $(OVS_STAMP)

# Built under a lock, for builds that share the directory.
$(OVS_STAMP):
	@echo "  OVS      building the Open vSwitch libraries, once" \
	      "(log: $(OVS_BUILDDIR)/sluice-build.log)"
	@flock $(OVS_BUILDDIR)/config.status $(SHELL) -c '\
	    test -f $@ || { \
	    $(MAKE) -C $(OVS_BUILDDIR) \
	        -f $(abs_top_srcdir)/build-aux/ovs-libs.mk \
	        sluice-built-sources >$(OVS_BUILDDIR)/sluice-build.log 2>&1 && \
	    $(MAKE) -C $(OVS_BUILDDIR) \
	        -f $(abs_top_srcdir)/build-aux/ovs-libs.mk \
	        sluice-libs >>$(OVS_BUILDDIR)/sluice-build.log 2>&1 && \
	    touch $@; } || \
	    { tail -n 20 $(OVS_BUILDDIR)/sluice-build.log >&2; exit 1; }'
