# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# "make check" runs three rings, each a list of its own and a target:
#
#   check-unit     UNIT_TESTS     cmocka programs, of everything that is pure
#   check-system   SYSTEM_TESTS   scripts in the laboratory (tests/lab/README)
#   check-random   RANDOM_TESTS   the same, with random operations
#
# All speak TAP and run in parallel under "make -j".

UNIT_TESTS =
SYSTEM_TESTS = \
	tests/system-ack.py \
	tests/system-admin.py \
	tests/system-agent-show.py \
	tests/system-agent-trace.py \
	tests/system-api-bad-input.py \
	tests/system-api-doors.py \
	tests/system-api-errors.py \
	tests/system-api-hypervisors.py \
	tests/system-api-lists.py \
	tests/system-api.py \
	tests/system-bad-input.py \
	tests/system-behind-door-ack.py \
	tests/system-behind-door-admin.py \
	tests/system-behind-door-bad-input.py \
	tests/system-behind-door-config.py \
	tests/system-behind-door-local.py \
	tests/system-behind-door-meanwhile.py \
	tests/system-behind-door-overlay.py \
	tests/system-behind-door-physical.py \
	tests/system-behind-door-restart.py \
	tests/system-behind-door-tamper.py \
	tests/system-behind-door-tls.py \
	tests/system-behind-door-vif.py \
	tests/system-cli.py \
	tests/system-config.py \
	tests/system-door-bad-input.py \
	tests/system-door-locks.py \
	tests/system-door-nb.py \
	tests/system-door-show.py \
	tests/system-door-slow.py \
	tests/system-door-tls.py \
	tests/system-door.py \
	tests/system-events-resume.py \
	tests/system-events.py \
	tests/system-http-limits.py \
	tests/system-http.py \
	tests/system-lab.py \
	tests/system-local.py \
	tests/system-meanwhile.py \
	tests/system-nbctl-author.py \
	tests/system-nbctl-db.py \
	tests/system-nbctl-door.py \
	tests/system-nbctl-history.py \
	tests/system-nbctl-wait.py \
	tests/system-nbctl.py \
	tests/system-notifier-kill.py \
	tests/system-notifier.py \
	tests/system-notifiers.py \
	tests/system-overlay-answers.py \
	tests/system-overlay-faults.py \
	tests/system-overlay-growth.py \
	tests/system-overlay-moves.py \
	tests/system-overlay.py \
	tests/system-physical.py \
	tests/system-restart.py \
	tests/system-swarm.py \
	tests/system-tamper.py \
	tests/system-tls.py \
	tests/system-vif.py
RANDOM_TESTS = \
	tests/random-door-operations.py \
	tests/random-door.py \
	tests/random-operations.py \
	tests/random-overlay.py

include tests/unit/automake.mk
include tests/traffic/automake.mk
include tests/bench/automake.mk
include tests/door/automake.mk
include tests/echo/automake.mk
include tests/fuzz/automake.mk

TESTS += $(UNIT_TESTS) $(SYSTEM_TESTS) $(RANDOM_TESTS)
dist_check_SCRIPTS += $(SYSTEM_TESTS) $(RANDOM_TESTS)
EXTRA_DIST += \
	build-aux/dev/build.sh \
	build-aux/dev/check.sh \
	build-aux/dev/lib.sh \
	tests/api/README \
	tests/api/__init__.py \
	tests/api/bad_input.py \
	tests/api/recording.py \
	tests/api/replay.py \
	tests/api/transcript.jsonl \
	tests/behind_door.py \
	tests/door/__init__.py \
	tests/door/client.py \
	tests/door/conditions.py \
	tests/door/idl.py \
	tests/door/replica.py \
	tests/door/requests.py \
	tests/door/run.py \
	tests/door/schema.py \
	tests/door/servers.py \
	tests/door/sessions.py \
	tests/door/writer.py \
	tests/lab/README \
	tests/lab/__init__.py \
	tests/lab/agentsdoor.py \
	tests/lab/asking.py \
	tests/lab/curl.py \
	tests/lab/declare.py \
	tests/lab/demo.py \
	tests/lab/door.py \
	tests/lab/echo.py \
	tests/lab/events.py \
	tests/lab/flow.py \
	tests/lab/frame.py \
	tests/lab/flowwatch.py \
	tests/lab/hub.py \
	tests/lab/hypervisor.py \
	tests/lab/lab.py \
	tests/lab/lockdoor.py \
	tests/lab/nbserver.py \
	tests/lab/neighbours.py \
	tests/lab/netns.py \
	tests/lab/northbound.py \
	tests/lab/notifier.py \
	tests/lab/openstack.py \
	tests/lab/openstack_server.py \
	tests/lab/overlay.py \
	tests/lab/ovsdb.py \
	tests/lab/paths.py \
	tests/lab/probe.py \
	tests/lab/process.py \
	tests/lab/rest.py \
	tests/lab/roles.py \
	tests/lab/sandbox.py \
	tests/lab/scene.py \
	tests/lab/sniffer.py \
	tests/lab/tap.py \
	tests/lab/tls.py \
	tests/lab/underlay.py \
	tests/lab/vm.py \
	tests/randomised/__init__.py \
	tests/randomised/compare.py \
	tests/randomised/disturbances.py \
	tests/randomised/model.py \
	tests/randomised/operations.py \
	tests/randomised/run.py \
	tests/randomised/switch.py \
	tests/randomised/world.py

TEST_EXTENSIONS = .py
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
	$(top_srcdir)/build-aux/tap-driver.sh
PY_LOG_DRIVER = $(LOG_DRIVER)
AM_TESTS_ENVIRONMENT = \
	CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	PYTHONDONTWRITEBYTECODE=yes; export PYTHONDONTWRITEBYTECODE; \
	SLUICE_BUILDDIR='$(abs_builddir)'; export SLUICE_BUILDDIR;

check-unit:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(UNIT_TESTS)'
check-system:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(SYSTEM_TESTS)'
check-random:
	$(MAKE) $(AM_MAKEFLAGS) check TESTS='$(RANDOM_TESTS)'
.PHONY: check-unit check-system check-random

clean-local:
	rm -rf tests/logs
