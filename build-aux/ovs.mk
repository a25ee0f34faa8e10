# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# The Open vSwitch libraries, built once below $(OVS_BUILDDIR).

EXTRA_DIST += \
	build-aux/ovs-json-names.h \
	build-aux/ovs-libs.mk \
	build-aux/rename-ovs-json.sh

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

# Both in one, for programs that are linked with jansson as well: functions
# that it defines too have the names of build-aux/ovs-json-names.h.  Code that
# uses Open vSwitch's JSON there is compiled with OVS_JSON_CPPFLAGS; all other
# code with NO_OVS_JSON_CPPFLAGS, for which Open vSwitch's header of JSON has
# nothing in it, so that jansson's functions cannot be taken for its own.
OVS_RENAMED_LIBS = lib/libopenvswitch-renamed.la
OVS_JSON_CPPFLAGS = -include $(top_srcdir)/build-aux/ovs-json-names.h
NO_OVS_JSON_CPPFLAGS = -DJSON_H

CLEANFILES += \
	lib/.libs/libopenvswitch-renamed.* \
	lib/libopenvswitch-renamed.la
$(OVS_RENAMED_LIBS): $(OVS_STAMP) build-aux/ovs-json-names.h \
		build-aux/rename-ovs-json.sh
	@$(MKDIR_P) lib
	$(AM_V_GEN)AR='$(AR)' OBJCOPY='$(OBJCOPY)' \
	    $(SHELL) $(srcdir)/build-aux/rename-ovs-json.sh \
	    $(srcdir)/build-aux/ovs-json-names.h $@ $(OVSDB_LIBS) $(OVS_LIBS)
