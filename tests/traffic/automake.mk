# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

check_PROGRAMS += tests/traffic/sluice-traffic
tests_traffic_sluice_traffic_SOURCES = \
	tests/traffic/recv.c \
	tests/traffic/send.c \
	tests/traffic/tally.c \
	tests/traffic/tally.h \
	tests/traffic/traffic.c \
	tests/traffic/traffic.h
tests_traffic_sluice_traffic_LDADD = $(OVS_LIBS)
