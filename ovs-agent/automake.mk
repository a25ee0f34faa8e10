# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

sbin_PROGRAMS += ovs-agent/sluice-agent
ovs_agent_sluice_agent_SOURCES = ovs-agent/sluice-agent.c
ovs_agent_sluice_agent_LDADD = \
	ovs-agent/libsluice-agent.la lib/libsluice.la $(OVS_LIBS)

# Everything but main(), for the unit tests to link.
noinst_LTLIBRARIES += ovs-agent/libsluice-agent.la
ovs_agent_libsluice_agent_la_SOURCES = \
	ovs-agent/agent-config.c \
	ovs-agent/agent-config.h \
	ovs-agent/flow-table.c \
	ovs-agent/flow-table.h \
	ovs-agent/oflow.c \
	ovs-agent/oflow.h \
	ovs-agent/pipeline.c \
	ovs-agent/pipeline.h \
	ovs-agent/vif.c \
	ovs-agent/vif.h
