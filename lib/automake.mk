# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# What the programs share.  libsluice-util.la holds what uses no JSON and can
# be linked with Open vSwitch's libraries or their renamed copy (see
# build-aux/ovs.mk); libsluice.la is that and the IDL.

noinst_LTLIBRARIES += lib/libsluice-util.la
lib_libsluice_util_la_SOURCES = \
	lib/agent-lock.c \
	lib/agent-lock.h \
	lib/descriptors.c \
	lib/descriptors.h \
	lib/latency.c \
	lib/latency.h \
	lib/nb-options.c \
	lib/nb-options.h \
	lib/nb-rules.c \
	lib/nb-rules.h \
	lib/nb-vni.c \
	lib/nb-vni.h \
	lib/watch.c \
	lib/watch.h
lib_libsluice_util_la_CPPFLAGS = $(AM_CPPFLAGS) $(NO_OVS_JSON_CPPFLAGS)
lib_libsluice_util_la_LIBADD = lib/libsluice-answer.la

# Needs the header of Open vSwitch's JSON, and no function of it.
noinst_LTLIBRARIES += lib/libsluice-answer.la
lib_libsluice_answer_la_SOURCES = \
	lib/answer.c \
	lib/answer.h

noinst_LTLIBRARIES += lib/libsluice.la
lib_libsluice_la_SOURCES =
nodist_lib_libsluice_la_SOURCES = \
	lib/sluice-nb-idl.c \
	lib/sluice-nb-idl.h
lib_libsluice_la_LIBADD = lib/libsluice-util.la $(OVS_LIBS)

EXTRA_DIST += lib/sluice-nb-idl.ann
NB_IDL_BUILT = \
	lib/sluice-nb-idl.c \
	lib/sluice-nb-idl.h \
	lib/sluice-nb-idl.ovsidl
BUILT_SOURCES += $(NB_IDL_BUILT)
CLEANFILES += $(NB_IDL_BUILT)

OVSDB_IDLC = $(run_python) $(OVS_SRCDIR)/ovsdb/ovsdb-idlc.in
lib/sluice-nb-idl.ovsidl: ovsdb-schema/sluice-nb.ovsschema \
		lib/sluice-nb-idl.ann
	@$(MKDIR_P) lib
	$(AM_V_GEN)$(OVSDB_IDLC) annotate \
	    $(srcdir)/ovsdb-schema/sluice-nb.ovsschema \
	    $(srcdir)/lib/sluice-nb-idl.ann >$@.tmp && mv $@.tmp $@
lib/sluice-nb-idl.c: lib/sluice-nb-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-source $< >$@.tmp && mv $@.tmp $@
lib/sluice-nb-idl.h: lib/sluice-nb-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-header $< >$@.tmp && mv $@.tmp $@
