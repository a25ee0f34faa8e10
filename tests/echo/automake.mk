# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# A server on notifier/http/, for tests/system-http.py.

check_PROGRAMS += tests/echo/echo-server
tests_echo_echo_server_SOURCES = tests/echo/echo-server.c
tests_echo_echo_server_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_echo_echo_server_LDADD = $(NOTIFIER_LIBS)
