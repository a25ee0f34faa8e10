# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

bin_PROGRAMS += utilities/sluice-nbctl
utilities_sluice_nbctl_SOURCES = utilities/sluice-nbctl.c
utilities_sluice_nbctl_LDADD = lib/libsluice.la $(OVS_LIBS)
