# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# A server on notifier/http/, for tests/system-http.py.

check_PROGRAMS += tests/http/echo-server
tests_http_echo_server_SOURCES = tests/http/echo-server.c
tests_http_echo_server_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_http_echo_server_LDADD = $(NOTIFIER_LIBS)
