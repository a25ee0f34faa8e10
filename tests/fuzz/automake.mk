# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# Fuzz targets.  See tests/fuzz/README.

check_PROGRAMS += tests/fuzz/fuzz-api
tests_fuzz_fuzz_api_SOURCES = \
	tests/fuzz/fuzz-api.c \
	tests/fuzz/fuzz-main.c \
	tests/fuzz/fuzz-main.h
tests_fuzz_fuzz_api_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_fuzz_fuzz_api_LDADD = $(NOTIFIER_LIBS)
check_PROGRAMS += tests/fuzz/fuzz-door
FUZZ_DOOR_SOURCES = \
	tests/fuzz/fuzz-database.c \
	tests/fuzz/fuzz-database.h \
	tests/fuzz/fuzz-door.c \
	tests/fuzz/fuzz-main.h
FUZZ_DOOR_CPPFLAGS = \
	$(NOTIFIER_NB_CPPFLAGS) \
	-DSCHEMA_FILE='"$(abs_top_srcdir)/ovsdb-schema/sluice-nb.ovsschema"'
tests_fuzz_fuzz_door_SOURCES = tests/fuzz/fuzz-main.c $(FUZZ_DOOR_SOURCES)
tests_fuzz_fuzz_door_CPPFLAGS = $(FUZZ_DOOR_CPPFLAGS)
tests_fuzz_fuzz_door_LDADD = $(NOTIFIER_NB_LIBS)
check_PROGRAMS += tests/fuzz/fuzz-session
FUZZ_SESSION_SOURCES = \
	tests/fuzz/fuzz-database.c \
	tests/fuzz/fuzz-database.h \
	tests/fuzz/fuzz-main.h \
	tests/fuzz/fuzz-session.c
tests_fuzz_fuzz_session_SOURCES = \
	tests/fuzz/fuzz-main.c $(FUZZ_SESSION_SOURCES)
tests_fuzz_fuzz_session_CPPFLAGS = $(FUZZ_DOOR_CPPFLAGS)
tests_fuzz_fuzz_session_LDADD = $(NOTIFIER_NB_LIBS)
fuzz_scripts = tests/fuzz/check-api.py tests/fuzz/check-door.py
UNIT_TESTS += $(fuzz_scripts)
dist_check_SCRIPTS += $(fuzz_scripts) tests/fuzz/seeds.py

# What libFuzzer is to look into is compiled once more, so that it sees which
# branches an input takes; the rest comes from the libraries.  clang's alone.
FUZZ_FLAGS = -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
EXTRA_PROGRAMS += tests/fuzz/libfuzzer-api
tests_fuzz_libfuzzer_api_SOURCES = \
	lib/nb-rules.c \
	notifier/api/attr-filter.c \
	notifier/api/attr-list.c \
	notifier/api/attr-type.c \
	notifier/api/attr.c \
	notifier/api/body.c \
	notifier/api/error.c \
	notifier/api/json.c \
	notifier/api/port-ips.c \
	notifier/api/query.c \
	notifier/http/target.c \
	notifier/ipam/address.c \
	tests/fuzz/fuzz-api.c \
	tests/fuzz/fuzz-libfuzzer.c \
	tests/fuzz/fuzz-main.h
tests_fuzz_libfuzzer_api_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_fuzz_libfuzzer_api_CFLAGS = $(AM_CFLAGS) $(FUZZ_FLAGS)
tests_fuzz_libfuzzer_api_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
tests_fuzz_libfuzzer_api_LDADD = $(NOTIFIER_LIBS)

EXTRA_PROGRAMS += tests/fuzz/libfuzzer-door
tests_fuzz_libfuzzer_door_SOURCES = \
	notifier/door/access-private.h \
	notifier/door/access-rows.c \
	notifier/door/access.c \
	notifier/monitor/compose.c \
	notifier/monitor/condition.c \
	notifier/monitor/db.c \
	notifier/monitor/history.c \
	notifier/monitor/monitor.c \
	notifier/monitor/request.c \
	notifier/monitor/rows.c \
	notifier/monitor/shape.c \
	notifier/monitor/since.c \
	notifier/monitor/table.c \
	notifier/monitor/version.c \
	notifier/monitor/view.c \
	notifier/rpc/framer.c \
	tests/fuzz/fuzz-libfuzzer.c \
	$(FUZZ_DOOR_SOURCES)
tests_fuzz_libfuzzer_door_CPPFLAGS = $(FUZZ_DOOR_CPPFLAGS)
tests_fuzz_libfuzzer_door_CFLAGS = $(AM_CFLAGS) $(FUZZ_FLAGS)
tests_fuzz_libfuzzer_door_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
tests_fuzz_libfuzzer_door_LDADD = $(NOTIFIER_NB_LIBS)

EXTRA_PROGRAMS += tests/fuzz/libfuzzer-session
tests_fuzz_libfuzzer_session_SOURCES = \
	notifier/door/door.c \
	notifier/door/forward.c \
	notifier/door/locks-private.h \
	notifier/door/locks-session.c \
	notifier/door/locks.c \
	notifier/door/method.c \
	notifier/door/monitors.c \
	notifier/door/operations.c \
	notifier/door/operations.h \
	notifier/door/private.h \
	notifier/door/server-db.c \
	notifier/door/session.c \
	notifier/monitor/monitor.c \
	notifier/monitor/request.c \
	notifier/rpc/conn.c \
	notifier/rpc/framer.c \
	notifier/rpc/input.c \
	notifier/rpc/internal.h \
	notifier/rpc/output.c \
	tests/fuzz/fuzz-libfuzzer.c \
	$(FUZZ_SESSION_SOURCES)
tests_fuzz_libfuzzer_session_CPPFLAGS = $(FUZZ_DOOR_CPPFLAGS)
tests_fuzz_libfuzzer_session_CFLAGS = $(AM_CFLAGS) $(FUZZ_FLAGS)
tests_fuzz_libfuzzer_session_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_FLAGS)
tests_fuzz_libfuzzer_session_LDADD = $(NOTIFIER_NB_LIBS)

FUZZ_SECONDS = 60
fuzz: fuzz-api fuzz-door fuzz-session
fuzz-api: tests/fuzz/libfuzzer-api$(EXEEXT)
	$(PYTHON) $(srcdir)/tests/fuzz/seeds.py \
		$(srcdir)/tests/api/transcript.jsonl tests/fuzz/found
	tests/fuzz/libfuzzer-api -max_total_time=$(FUZZ_SECONDS) \
		-max_len=20000 -timeout=10 \
		tests/fuzz/found $(srcdir)/tests/fuzz/corpus
fuzz-door fuzz-session: fuzz-%: tests/fuzz/libfuzzer-%$(EXEEXT)
	mkdir -p tests/fuzz/found-door
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=20000 -timeout=10 \
		tests/fuzz/found-door $(srcdir)/tests/fuzz/corpus-door
.PHONY: fuzz fuzz-api fuzz-door fuzz-session

EXTRA_DIST += \
	tests/api/transcript.jsonl \
	tests/fuzz/README \
	tests/fuzz/corpus/agent \
	tests/fuzz/corpus/bulk \
	tests/fuzz/corpus/cut-escape \
	tests/fuzz/corpus/cut-escape-utf-8 \
	tests/fuzz/corpus/deep \
	tests/fuzz/corpus/duplicate-keys \
	tests/fuzz/corpus/invalid-utf-8 \
	tests/fuzz/corpus/not-offered \
	tests/fuzz/corpus/null-character \
	tests/fuzz/corpus/numbers \
	tests/fuzz/corpus/port-everything \
	tests/fuzz/corpus/query-escapes \
	tests/fuzz/corpus/query-everything \
	tests/fuzz/corpus/query-subnets \
	tests/fuzz/corpus/subnet-everything \
	tests/fuzz/corpus/surrogate \
	tests/fuzz/corpus/truncated-body \
	tests/fuzz/corpus-door/bad-numbers \
	tests/fuzz/corpus-door/comments \
	tests/fuzz/corpus-door/control-characters \
	tests/fuzz/corpus-door/deep-more \
	tests/fuzz/corpus-door/deep-most \
	tests/fuzz/corpus-door/deep-objects \
	tests/fuzz/corpus-door/duplicate-keys \
	tests/fuzz/corpus-door/empty \
	tests/fuzz/corpus-door/empty-arrays \
	tests/fuzz/corpus-door/half-surrogate \
	tests/fuzz/corpus-door/http \
	tests/fuzz/corpus-door/huge-numbers \
	tests/fuzz/corpus-door/invalid-utf-8 \
	tests/fuzz/corpus-door/locks \
	tests/fuzz/corpus-door/many-monitors \
	tests/fuzz/corpus-door/monitor \
	tests/fuzz/corpus-door/monitor-cond \
	tests/fuzz/corpus-door/monitor-cond-change \
	tests/fuzz/corpus-door/monitor-cond-operators \
	tests/fuzz/corpus-door/monitor-cond-since \
	tests/fuzz/corpus-door/monitor-cond-since-all \
	tests/fuzz/corpus-door/monitor-errors \
	tests/fuzz/corpus-door/monitor-whole \
	tests/fuzz/corpus-door/not-json \
	tests/fuzz/corpus-door/null-byte \
	tests/fuzz/corpus-door/null-escape \
	tests/fuzz/corpus-door/other-methods \
	tests/fuzz/corpus-door/overlong-utf-8 \
	tests/fuzz/corpus-door/replies \
	tests/fuzz/corpus-door/server-monitor \
	tests/fuzz/corpus-door/server-transact \
	tests/fuzz/corpus-door/surrogates \
	tests/fuzz/corpus-door/transact-abort \
	tests/fuzz/corpus-door/transact-all \
	tests/fuzz/corpus-door/transact-assert \
	tests/fuzz/corpus-door/transact-comment \
	tests/fuzz/corpus-door/transact-commit \
	tests/fuzz/corpus-door/transact-delete \
	tests/fuzz/corpus-door/transact-insert \
	tests/fuzz/corpus-door/transact-mutate \
	tests/fuzz/corpus-door/transact-odd \
	tests/fuzz/corpus-door/transact-others \
	tests/fuzz/corpus-door/transact-select \
	tests/fuzz/corpus-door/transact-update \
	tests/fuzz/corpus-door/transact-wait \
	tests/fuzz/corpus-door/unfinished
