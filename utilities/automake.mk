# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

bin_PROGRAMS += utilities/sluice-nbctl
utilities_sluice_nbctl_SOURCES = \
	utilities/nbctl-alive-locks.c \
	utilities/nbctl-alive-locks.h \
	utilities/nbctl-alive.c \
	utilities/nbctl-alive.h \
	utilities/nbctl-args.c \
	utilities/nbctl-args.h \
	utilities/nbctl-author.c \
	utilities/nbctl-author.h \
	utilities/nbctl-cells.c \
	utilities/nbctl-cells.h \
	utilities/nbctl-cmds-global.c \
	utilities/nbctl-cmds-history.c \
	utilities/nbctl-cmds-host.c \
	utilities/nbctl-cmds-net-add.c \
	utilities/nbctl-cmds-network.c \
	utilities/nbctl-cmds-port-add.c \
	utilities/nbctl-cmds-port-show.c \
	utilities/nbctl-cmds-port.c \
	utilities/nbctl-cmds-remote.c \
	utilities/nbctl-cmds-show.c \
	utilities/nbctl-fetch.c \
	utilities/nbctl-fetch.h \
	utilities/nbctl-find.c \
	utilities/nbctl-find.h \
	utilities/nbctl-generic.c \
	utilities/nbctl-generic.h \
	utilities/nbctl-global.c \
	utilities/nbctl-global.h \
	utilities/nbctl-history.c \
	utilities/nbctl-history.h \
	utilities/nbctl-http.c \
	utilities/nbctl-http.h \
	utilities/nbctl-intent.c \
	utilities/nbctl-intent.h \
	utilities/nbctl-options.c \
	utilities/nbctl-places.c \
	utilities/nbctl-places.h \
	utilities/nbctl-row.c \
	utilities/nbctl-row.h \
	utilities/nbctl-run.c \
	utilities/nbctl-segment.c \
	utilities/nbctl-segment.h \
	utilities/nbctl-wait.c \
	utilities/nbctl-wait.h \
	utilities/nbctl.h \
	utilities/sluice-nbctl.c
utilities_sluice_nbctl_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
utilities_sluice_nbctl_LDADD = lib/libsluice.la $(OVS_LIBS) $(CURL_LIBS)

man_MANS += utilities/sluice-nbctl.8
EXTRA_DIST += utilities/sluice-nbctl.8
