# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# Benchmarks.  tests/bench/run makes their programs when it needs them.

bench_list = \
	tests/bench/floor \
	tests/bench/http-load \
	tests/bench/ovsdb-load \
	tests/bench/toggle \
	tests/bench/watch
EXTRA_PROGRAMS += $(bench_list)
CLEANFILES += $(bench_list)

tests_bench_floor_SOURCES = tests/bench/floor.c
tests_bench_floor_LDADD = $(OVS_LIBS)

tests_bench_http_load_SOURCES = \
	tests/bench/http-load.c \
	tests/bench/load.c \
	tests/bench/load.h
tests_bench_http_load_LDADD = $(OVS_LIBS)

tests_bench_ovsdb_load_SOURCES = \
	tests/bench/load.c \
	tests/bench/load.h \
	tests/bench/ovsdb-load.c
tests_bench_ovsdb_load_LDADD = $(OVS_LIBS)

# Tests use it as well.
check_PROGRAMS += tests/bench/sluice-swarm
tests_bench_sluice_swarm_SOURCES = \
	tests/bench/swarm/agent.c \
	tests/bench/swarm/agent.h \
	tests/bench/swarm/command.h \
	tests/bench/swarm/conn.c \
	tests/bench/swarm/conn.h \
	tests/bench/swarm/connect.c \
	tests/bench/swarm/cursor.c \
	tests/bench/swarm/cursor.h \
	tests/bench/swarm/fault.c \
	tests/bench/swarm/fault.h \
	tests/bench/swarm/generate.c \
	tests/bench/swarm/main.c \
	tests/bench/swarm/message.c \
	tests/bench/swarm/message.h \
	tests/bench/swarm/nb.c \
	tests/bench/swarm/nb.h \
	tests/bench/swarm/request.c \
	tests/bench/swarm/rows.c \
	tests/bench/swarm/rows.h \
	tests/bench/swarm/swarm.c \
	tests/bench/swarm/toggle.c \
	tests/bench/swarm/verify.c \
	tests/bench/swarm/view.c \
	tests/bench/swarm/world.c \
	tests/bench/swarm/world.h
tests_bench_sluice_swarm_LDADD = $(OVS_LIBS)

tests_bench_toggle_SOURCES = \
	tests/bench/observer.c \
	tests/bench/observer.h \
	tests/bench/toggle.c
tests_bench_toggle_LDADD = $(OVS_LIBS)

tests_bench_watch_SOURCES = \
	tests/bench/observer.c \
	tests/bench/observer.h \
	tests/bench/watch.c
tests_bench_watch_LDADD = $(OVS_LIBS)

EXTRA_DIST += \
	tests/bench/__init__.py \
	tests/bench/ack.py \
	tests/bench/api.py \
	tests/bench/apiworld.py \
	tests/bench/chart.py \
	tests/bench/echoes.py \
	tests/bench/events.py \
	tests/bench/fanout.py \
	tests/bench/fanout.svg \
	tests/bench/figures.py \
	tests/bench/fleet.py \
	tests/bench/frames.py \
	tests/bench/latency.py \
	tests/bench/loads.py \
	tests/bench/locate.py \
	tests/bench/located.py \
	tests/bench/observe.py \
	tests/bench/overlay.py \
	tests/bench/ovn.py \
	tests/bench/peers.py \
	tests/bench/plain.py \
	tests/bench/plug.py \
	tests/bench/report.py \
	tests/bench/run \
	tests/bench/scale.py \
	tests/bench/stamped.py \
	tests/bench/start.py \
	tests/bench/subject.py \
	tests/bench/subjects.py \
	tests/bench/swarms.py \
	tests/bench/world.py

bench-programs: $(bench_list) tests/bench/sluice-swarm
.PHONY: bench-programs
