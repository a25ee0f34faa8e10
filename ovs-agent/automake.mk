# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

sbin_PROGRAMS += ovs-agent/sluice-agent
ovs_agent_sluice_agent_SOURCES = ovs-agent/sluice-agent.c
ovs_agent_sluice_agent_LDADD = \
	ovs-agent/libsluice-agent.la lib/libsluice.la $(OVS_LIBS)

# Everything but main(), for the unit tests to link.
noinst_LTLIBRARIES += ovs-agent/libsluice-agent.la
ovs_agent_libsluice_agent_la_SOURCES = \
	ovs-agent/agent.c \
	ovs-agent/agent.h \
	ovs-agent/agent-config.c \
	ovs-agent/agent-config.h \
	ovs-agent/announce.c \
	ovs-agent/announce.h \
	ovs-agent/commands-network.c \
	ovs-agent/commands-objects.c \
	ovs-agent/commands-objects.h \
	ovs-agent/commands-show.c \
	ovs-agent/commands-trace.c \
	ovs-agent/commands-tunnel.c \
	ovs-agent/commands.c \
	ovs-agent/commands.h \
	ovs-agent/db-writer.c \
	ovs-agent/db-writer.h \
	ovs-agent/dp-sync.c \
	ovs-agent/dp-sync.h \
	ovs-agent/encap.c \
	ovs-agent/encap.h \
	ovs-agent/flow-batch.c \
	ovs-agent/flow-batch.h \
	ovs-agent/flow-dump.c \
	ovs-agent/flow-dump.h \
	ovs-agent/flow-inflight.c \
	ovs-agent/flow-inflight.h \
	ovs-agent/flow-table.c \
	ovs-agent/flow-table.h \
	ovs-agent/flow-tally.c \
	ovs-agent/flow-tally.h \
	ovs-agent/intent.c \
	ovs-agent/intent.h \
	ovs-agent/interest.c \
	ovs-agent/interest.h \
	ovs-agent/nb-rows.c \
	ovs-agent/nb-rows.h \
	ovs-agent/nb.c \
	ovs-agent/nb.h \
	ovs-agent/oflow.c \
	ovs-agent/oflow.h \
	ovs-agent/ofswitch.c \
	ovs-agent/ofswitch.h \
	ovs-agent/ovs-bridge.c \
	ovs-agent/ovs-bridge.h \
	ovs-agent/ovs-local.c \
	ovs-agent/ovs-local.h \
	ovs-agent/ovs-tunnel.c \
	ovs-agent/ovs-tunnel.h \
	ovs-agent/pipeline-answer.c \
	ovs-agent/pipeline-flood.c \
	ovs-agent/pipeline-network.c \
	ovs-agent/pipeline-parts.c \
	ovs-agent/pipeline-port.c \
	ovs-agent/pipeline-private.h \
	ovs-agent/pipeline.c \
	ovs-agent/pipeline.h \
	ovs-agent/place-writer.c \
	ovs-agent/place-writer.h \
	ovs-agent/place.c \
	ovs-agent/place.h \
	ovs-agent/status.c \
	ovs-agent/status.h \
	ovs-agent/topology.c \
	ovs-agent/topology.h \
	ovs-agent/topology-compute.c \
	ovs-agent/topology-compute.h \
	ovs-agent/topology-facts-net.c \
	ovs-agent/topology-facts-port.c \
	ovs-agent/topology-facts.h \
	ovs-agent/topology-input.c \
	ovs-agent/topology-objects.c \
	ovs-agent/topology-objects.h \
	ovs-agent/topology-places.c \
	ovs-agent/topology-places.h \
	ovs-agent/trace-outputs.c \
	ovs-agent/trace-packet.c \
	ovs-agent/trace-packet.h \
	ovs-agent/trace-tables.c \
	ovs-agent/trace-tell.c \
	ovs-agent/trace-tell.h \
	ovs-agent/trace-teller.h \
	ovs-agent/trace-verdict.c \
	ovs-agent/trace-verdict.h \
	ovs-agent/trace.c \
	ovs-agent/trace.h \
	ovs-agent/underlay.c \
	ovs-agent/underlay.h \
	ovs-agent/vif.c \
	ovs-agent/vif.h \
	ovs-agent/vswitchd.c \
	ovs-agent/vswitchd.h

man_MANS += ovs-agent/sluice-agent.8
EXTRA_DIST += ovs-agent/sluice-agent.8
