# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# Clients on notifier/door/locks.h, for tests/system-door-locks.py.

check_PROGRAMS += tests/door/lock-door
tests_door_lock_door_SOURCES = tests/door/lock-door.c
tests_door_lock_door_CPPFLAGS = $(NOTIFIER_NB_CPPFLAGS)
tests_door_lock_door_LDADD = $(NOTIFIER_NB_LIBS)
