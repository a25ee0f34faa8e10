# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

sbin_PROGRAMS += ovs-agent/sluice-agent
ovs_agent_sluice_agent_SOURCES = ovs-agent/sluice-agent.c
ovs_agent_sluice_agent_LDADD = lib/libsluice.la $(OVS_LIBS)
