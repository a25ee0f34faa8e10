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

if HAVE_CMOCKA
check_PROGRAMS += tests/traffic/test-tally
UNIT_TESTS += tests/traffic/test-tally
tests_traffic_test_tally_SOURCES = \
	tests/traffic/tally.c \
	tests/traffic/tally.h \
	tests/traffic/test-tally.c
tests_traffic_test_tally_CPPFLAGS = $(AM_CPPFLAGS) -I $(top_srcdir)/tests
endif
