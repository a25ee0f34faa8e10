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
UNIT_TESTS += tests/fuzz/check-api.py
dist_check_SCRIPTS += tests/fuzz/check-api.py tests/fuzz/seeds.py

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

FUZZ_SECONDS = 60
fuzz: tests/fuzz/libfuzzer-api$(EXEEXT)
	$(PYTHON) $(srcdir)/tests/fuzz/seeds.py \
		$(srcdir)/tests/api/transcript.jsonl tests/fuzz/found
	tests/fuzz/libfuzzer-api -max_total_time=$(FUZZ_SECONDS) \
		-max_len=20000 -timeout=10 \
		tests/fuzz/found $(srcdir)/tests/fuzz/corpus
.PHONY: fuzz

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
	tests/fuzz/corpus/truncated-body
