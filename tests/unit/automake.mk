# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# The unit ring: for each pure module a program, linked as sluice-agent is.

unit_scripts = tests/unit/symbols.py
dist_check_SCRIPTS += $(unit_scripts)
UNIT_TESTS += $(unit_scripts)

if HAVE_CMOCKA
unit_programs = \
	tests/unit/test-agent-config \
	tests/unit/test-api-body \
	tests/unit/test-api-claims \
	tests/unit/test-api-json \
	tests/unit/test-api-query \
	tests/unit/test-api-route \
	tests/unit/test-api-tables \
	tests/unit/test-api-types \
	tests/unit/test-api-words \
	tests/unit/test-door-access \
	tests/unit/test-encap \
	tests/unit/test-events-due \
	tests/unit/test-events-index \
	tests/unit/test-events-topic \
	tests/unit/test-flow-batch \
	tests/unit/test-flow-dump \
	tests/unit/test-flow-table \
	tests/unit/test-health \
	tests/unit/test-http-auth \
	tests/unit/test-http-head \
	tests/unit/test-http-target \
	tests/unit/test-intent \
	tests/unit/test-interest \
	tests/unit/test-ipam-address \
	tests/unit/test-ipam-choose \
	tests/unit/test-ipam-pools \
	tests/unit/test-ipam-random \
	tests/unit/test-ipam-rules \
	tests/unit/test-ipam-set \
	tests/unit/test-journal \
	tests/unit/test-journal-applied \
	tests/unit/test-journal-crash \
	tests/unit/test-journal-files \
	tests/unit/test-journal-full \
	tests/unit/test-journal-history \
	tests/unit/test-journal-id \
	tests/unit/test-journal-read \
	tests/unit/test-journal-retention \
	tests/unit/test-journal-scale \
	tests/unit/test-latency \
	tests/unit/test-metrics \
	tests/unit/test-monitor \
	tests/unit/test-monitor-change \
	tests/unit/test-monitor-condition \
	tests/unit/test-monitor-history \
	tests/unit/test-monitor-random \
	tests/unit/test-monitor-since \
	tests/unit/test-monitor-state \
	tests/unit/test-monitor-text \
	tests/unit/test-nb-apply \
	tests/unit/test-nb-options \
	tests/unit/test-nb-rules \
	tests/unit/test-nb-vni \
	tests/unit/test-oflow \
	tests/unit/test-pipeline \
	tests/unit/test-pipeline-answer \
	tests/unit/test-pipeline-floods \
	tests/unit/test-pipeline-laws \
	tests/unit/test-pipeline-overlay \
	tests/unit/test-pipeline-ways \
	tests/unit/test-place \
	tests/unit/test-place-random \
	tests/unit/test-rpc \
	tests/unit/test-rpc-framer \
	tests/unit/test-rpc-tls \
	tests/unit/test-topology \
	tests/unit/test-topology-cost \
	tests/unit/test-topology-faults \
	tests/unit/test-topology-mesh \
	tests/unit/test-topology-move \
	tests/unit/test-topology-overlay \
	tests/unit/test-topology-overlay-faults \
	tests/unit/test-topology-random \
	tests/unit/test-topology-status \
	tests/unit/test-trace \
	tests/unit/test-vif
check_PROGRAMS += $(unit_programs)
UNIT_TESTS += $(unit_programs)

check_LTLIBRARIES += tests/unit/libunit.la
tests_unit_libunit_la_SOURCES = \
	tests/unit/facts-overlay.c \
	tests/unit/facts.c \
	tests/unit/facts.h \
	tests/unit/objects.c \
	tests/unit/objects.h \
	tests/unit/sim.c \
	tests/unit/sim.h \
	tests/unit/topo.c \
	tests/unit/topo.h \
	tests/unit/unit-flows.c \
	tests/unit/unit.c \
	tests/unit/unit.h
AM_CPPFLAGS += $(CMOCKA_CFLAGS)

# Of the programs that name no libraries: these.
LDADD = \
	tests/unit/libunit.la ovs-agent/libsluice-agent.la lib/libsluice.la \
	$(OVS_LIBS) $(CMOCKA_LIBS)

# A test of the notifier names its libraries, and compiles as what it tests:
#
#   tests_unit_test_X_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
#   tests_unit_test_X_LDADD = $(NOTIFIER_TEST_LIBS)
#
# or, of its folder nb/, NOTIFIER_NB_CPPFLAGS and NOTIFIER_NB_TEST_LIBS.
NOTIFIER_TEST_LIBS = tests/unit/libunit.la $(NOTIFIER_LIBS) $(CMOCKA_LIBS)
NOTIFIER_NB_TEST_LIBS = \
	tests/unit/libunit.la $(NOTIFIER_NB_LIBS) $(CMOCKA_LIBS)

# Those of the journal.
JOURNAL_FIXTURE = \
	tests/unit/journal-fixture.c \
	tests/unit/journal-fixture.h

# Those of monitors.
MONITOR_FIXTURE = \
	tests/unit/monitor-fixture.c \
	tests/unit/monitor-fixture.h
MONITOR_TEST_CPPFLAGS = \
	$(NOTIFIER_NB_CPPFLAGS) \
	-DSCHEMA_FILE='"$(abs_top_srcdir)/ovsdb-schema/sluice-nb.ovsschema"'

# Those of connections.
RPC_FIXTURE = \
	tests/unit/rpc-fixture.c \
	tests/unit/rpc-fixture.h

tests_unit_test_agent_config_SOURCES = tests/unit/test-agent-config.c
tests_unit_test_api_body_SOURCES = tests/unit/test-api-body.c
tests_unit_test_api_body_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_api_body_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_api_claims_SOURCES = tests/unit/test-api-claims.c
tests_unit_test_api_claims_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_api_claims_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_api_json_SOURCES = tests/unit/test-api-json.c
tests_unit_test_api_json_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_api_json_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_api_query_SOURCES = tests/unit/test-api-query.c
tests_unit_test_api_query_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_api_query_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_api_route_SOURCES = tests/unit/test-api-route.c
tests_unit_test_api_route_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_api_route_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_api_tables_SOURCES = tests/unit/test-api-tables.c
tests_unit_test_api_tables_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_api_tables_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_api_types_SOURCES = tests/unit/test-api-types.c
tests_unit_test_api_types_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_api_types_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_api_words_SOURCES = tests/unit/test-api-words.c
tests_unit_test_api_words_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_api_words_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_encap_SOURCES = tests/unit/test-encap.c
tests_unit_test_flow_batch_SOURCES = tests/unit/test-flow-batch.c
tests_unit_test_flow_dump_SOURCES = tests/unit/test-flow-dump.c
tests_unit_test_flow_table_SOURCES = tests/unit/test-flow-table.c
tests_unit_test_health_SOURCES = tests/unit/test-health.c
tests_unit_test_health_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_health_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_http_auth_SOURCES = tests/unit/test-http-auth.c
tests_unit_test_http_auth_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_http_auth_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_http_head_SOURCES = tests/unit/test-http-head.c
tests_unit_test_http_head_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_http_head_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_http_target_SOURCES = tests/unit/test-http-target.c
tests_unit_test_http_target_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_http_target_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_intent_SOURCES = tests/unit/test-intent.c
tests_unit_test_interest_SOURCES = tests/unit/test-interest.c
tests_unit_test_journal_SOURCES = \
	tests/unit/test-journal.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_applied_SOURCES = \
	tests/unit/test-journal-applied.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_applied_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_applied_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_crash_SOURCES = \
	tests/unit/test-journal-crash.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_crash_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_crash_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_files_SOURCES = \
	tests/unit/test-journal-files.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_files_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_files_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_full_SOURCES = \
	tests/unit/test-journal-full.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_full_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_full_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_history_SOURCES = \
	tests/unit/test-journal-history.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_history_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_history_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_id_SOURCES = \
	tests/unit/test-journal-id.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_id_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_id_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_read_SOURCES = \
	tests/unit/test-journal-read.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_read_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_read_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_ipam_address_SOURCES = \
	tests/unit/ipam.h tests/unit/test-ipam-address.c
tests_unit_test_ipam_address_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_ipam_address_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_ipam_choose_SOURCES = \
	tests/unit/ipam.h tests/unit/ipam-net.c tests/unit/ipam-net.h \
	tests/unit/test-ipam-choose.c
tests_unit_test_ipam_choose_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_ipam_choose_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_ipam_pools_SOURCES = \
	tests/unit/ipam.h tests/unit/test-ipam-pools.c
tests_unit_test_ipam_pools_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_ipam_pools_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_ipam_random_SOURCES = \
	tests/unit/ipam.h tests/unit/ipam-model.c tests/unit/ipam-model.h \
	tests/unit/ipam-seed.h \
	tests/unit/test-ipam-random.c
tests_unit_test_ipam_random_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_ipam_random_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_ipam_rules_SOURCES = \
	tests/unit/ipam.h tests/unit/test-ipam-rules.c
tests_unit_test_ipam_rules_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_ipam_rules_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_ipam_set_SOURCES = \
	tests/unit/ipam.h tests/unit/ipam-seed.h tests/unit/test-ipam-set.c
tests_unit_test_ipam_set_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_ipam_set_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_retention_SOURCES = \
	tests/unit/test-journal-retention.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_retention_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_retention_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_journal_scale_SOURCES = \
	tests/unit/test-journal-scale.c $(JOURNAL_FIXTURE)
tests_unit_test_journal_scale_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_journal_scale_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_latency_SOURCES = tests/unit/test-latency.c
tests_unit_test_metrics_SOURCES = tests/unit/test-metrics.c
tests_unit_test_metrics_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_metrics_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_monitor_SOURCES = \
	tests/unit/monitor-ports.h \
	tests/unit/test-monitor.c \
	$(MONITOR_FIXTURE)
tests_unit_test_monitor_CPPFLAGS = $(MONITOR_TEST_CPPFLAGS)
tests_unit_test_monitor_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_monitor_change_SOURCES = \
	tests/unit/monitor-ports.h \
	tests/unit/test-monitor-change.c \
	$(MONITOR_FIXTURE)
tests_unit_test_monitor_change_CPPFLAGS = $(MONITOR_TEST_CPPFLAGS)
tests_unit_test_monitor_change_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_monitor_condition_SOURCES = \
	tests/unit/test-monitor-condition.c $(MONITOR_FIXTURE)
tests_unit_test_monitor_condition_CPPFLAGS = $(MONITOR_TEST_CPPFLAGS)
tests_unit_test_monitor_condition_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_monitor_history_SOURCES = \
	tests/unit/ipam-seed.h tests/unit/test-monitor-history.c $(MONITOR_FIXTURE)
tests_unit_test_monitor_history_CPPFLAGS = $(MONITOR_TEST_CPPFLAGS)
tests_unit_test_monitor_history_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_monitor_random_SOURCES = \
	tests/unit/ipam-seed.h \
	tests/unit/monitor-random.c \
	tests/unit/monitor-random.h \
	tests/unit/monitor-replica.c \
	tests/unit/monitor-replica.h \
	tests/unit/test-monitor-random.c \
	$(MONITOR_FIXTURE)
tests_unit_test_monitor_random_CPPFLAGS = $(MONITOR_TEST_CPPFLAGS)
tests_unit_test_monitor_random_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_monitor_since_SOURCES = \
	tests/unit/monitor-ports.h \
	tests/unit/test-monitor-since.c \
	$(MONITOR_FIXTURE)
tests_unit_test_monitor_since_CPPFLAGS = $(MONITOR_TEST_CPPFLAGS)
tests_unit_test_monitor_since_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_monitor_state_SOURCES = \
	tests/unit/test-monitor-state.c $(MONITOR_FIXTURE)
tests_unit_test_monitor_state_CPPFLAGS = $(MONITOR_TEST_CPPFLAGS)
tests_unit_test_monitor_state_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_monitor_text_SOURCES = \
	tests/unit/test-monitor-text.c $(MONITOR_FIXTURE)
tests_unit_test_monitor_text_CPPFLAGS = $(MONITOR_TEST_CPPFLAGS)
tests_unit_test_monitor_text_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_nb_apply_SOURCES = tests/unit/test-nb-apply.c
tests_unit_test_nb_apply_CPPFLAGS = \
	$(NOTIFIER_NB_CPPFLAGS) \
	-DSCHEMA_FILE='"$(abs_top_srcdir)/ovsdb-schema/sluice-nb.ovsschema"'
tests_unit_test_nb_apply_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_nb_options_SOURCES = tests/unit/test-nb-options.c
tests_unit_test_nb_rules_SOURCES = tests/unit/test-nb-rules.c
tests_unit_test_nb_vni_SOURCES = tests/unit/test-nb-vni.c
tests_unit_test_oflow_SOURCES = tests/unit/test-oflow.c
tests_unit_test_pipeline_SOURCES = tests/unit/test-pipeline.c
tests_unit_test_pipeline_answer_SOURCES = tests/unit/test-pipeline-answer.c
tests_unit_test_pipeline_floods_SOURCES = tests/unit/test-pipeline-floods.c
tests_unit_test_pipeline_laws_SOURCES = tests/unit/test-pipeline-laws.c
tests_unit_test_pipeline_overlay_SOURCES = \
	tests/unit/test-pipeline-overlay.c
tests_unit_test_pipeline_ways_SOURCES = tests/unit/test-pipeline-ways.c
tests_unit_test_place_SOURCES = tests/unit/test-place.c
tests_unit_test_place_random_SOURCES = tests/unit/test-place-random.c
tests_unit_test_rpc_SOURCES = tests/unit/test-rpc.c $(RPC_FIXTURE)
tests_unit_test_rpc_CPPFLAGS = $(NOTIFIER_NB_CPPFLAGS)
tests_unit_test_rpc_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_rpc_framer_SOURCES = \
	tests/unit/ipam-seed.h tests/unit/test-rpc-framer.c
tests_unit_test_rpc_framer_CPPFLAGS = $(NOTIFIER_NB_CPPFLAGS)
tests_unit_test_rpc_framer_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_rpc_tls_SOURCES = tests/unit/test-rpc-tls.c $(RPC_FIXTURE)
tests_unit_test_rpc_tls_CPPFLAGS = $(NOTIFIER_NB_CPPFLAGS)
tests_unit_test_rpc_tls_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_topology_SOURCES = tests/unit/test-topology.c
tests_unit_test_topology_cost_SOURCES = tests/unit/test-topology-cost.c
tests_unit_test_topology_faults_SOURCES = tests/unit/test-topology-faults.c
tests_unit_test_topology_mesh_SOURCES = tests/unit/test-topology-mesh.c
tests_unit_test_topology_move_SOURCES = tests/unit/test-topology-move.c
tests_unit_test_topology_overlay_SOURCES = \
	tests/unit/test-topology-overlay.c
tests_unit_test_topology_overlay_faults_SOURCES = \
	tests/unit/test-topology-overlay-faults.c
tests_unit_test_topology_random_SOURCES = tests/unit/test-topology-random.c
tests_unit_test_topology_status_SOURCES = tests/unit/test-topology-status.c
tests_unit_test_trace_SOURCES = tests/unit/test-trace.c
tests_unit_test_vif_SOURCES = tests/unit/test-vif.c
tests_unit_test_door_access_SOURCES = tests/unit/test-door-access.c
tests_unit_test_door_access_CPPFLAGS = \
	$(NOTIFIER_NB_CPPFLAGS) \
	-DSCHEMA_FILE='"$(abs_top_srcdir)/ovsdb-schema/sluice-nb.ovsschema"'
tests_unit_test_door_access_LDADD = $(NOTIFIER_NB_TEST_LIBS)
tests_unit_test_events_due_SOURCES = tests/unit/test-events-due.c
tests_unit_test_events_due_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_events_due_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_events_index_SOURCES = tests/unit/test-events-index.c
tests_unit_test_events_index_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_events_index_LDADD = $(NOTIFIER_TEST_LIBS)
tests_unit_test_events_topic_SOURCES = tests/unit/test-events-topic.c
tests_unit_test_events_topic_CPPFLAGS = $(NOTIFIER_CPPFLAGS)
tests_unit_test_events_topic_LDADD = $(NOTIFIER_TEST_LIBS)
endif
