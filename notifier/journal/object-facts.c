/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* One function for each resource; nothing here can fail. */

#include <config.h>

#include "journal/object-facts.h"

#include <string.h>

#include "nb/replica.h"
#include "util.h"

static void
put_id(char id[UUID_LEN + 1], const struct uuid *uuid)
{
    snprintf(id, UUID_LEN + 1, UUID_FMT, UUID_ARGS(uuid));
}

static void
network_facts(const struct nb_row *row, struct object_facts *facts)
{
    put_id(facts->network_id, nb_row_id(row));
    facts->name = nb_row_string(row, NB_NETWORK_NAME);
    facts->project_id = nb_row_string(row, NB_NETWORK_PROJECT_ID);
    facts->revision = nb_row_integer(row, NB_NETWORK_REVISION_NUMBER);
    facts->updated_by = nb_row_string(row, NB_NETWORK_UPDATED_BY);
}

static void
subnet_facts(const struct nb_row *row, struct object_facts *facts)
{
    struct uuid network = nb_row_uuid(row, NB_SUBNET_NETWORK);

    put_id(facts->network_id, &network);
    facts->name = nb_row_string(row, NB_SUBNET_NAME);
    facts->project_id = nb_row_string(row, NB_SUBNET_PROJECT_ID);
    facts->revision = nb_row_integer(row, NB_SUBNET_REVISION_NUMBER);
    facts->updated_by = nb_row_string(row, NB_SUBNET_UPDATED_BY);
}

static void
port_facts(const struct nb_row *row, struct object_facts *facts)
{
    struct uuid network = nb_row_uuid(row, NB_PORT_NETWORK);

    put_id(facts->network_id, &network);
    facts->name = nb_row_string(row, NB_PORT_NAME);
    facts->project_id = nb_row_string(row, NB_PORT_PROJECT_ID);
    facts->host = nb_row_string(row, NB_PORT_HOST);
    facts->revision = nb_row_integer(row, NB_PORT_REVISION_NUMBER);
    facts->updated_by = nb_row_string(row, NB_PORT_UPDATED_BY);
}

/* What the operator wants of a hypervisor is in its Host row. */
static void
agent_facts(const struct replica *replica, const struct nb_row *row,
            struct object_facts *facts)
{
    const struct nb_row *host;

    facts->host = facts->name = nb_row_string(row, NB_AGENT_HOST);
    host = replica_find_one(replica, NB_HOST_HOST, facts->host);
    if (host) {
        facts->revision = nb_row_integer(host, NB_HOST_REVISION_NUMBER);
        facts->updated_by = nb_row_string(host, NB_HOST_UPDATED_BY);
    }
}

void
object_facts_from_row(const struct replica *replica, enum api_kind kind,
               const struct nb_row *row, struct object_facts *facts)
{
    *facts = (struct object_facts) {
        .name = "", .project_id = "", .host = "", .updated_by = "",
    };
    put_id(facts->id, nb_row_id(row));
    switch (kind) {
    case API_NETWORK:
        network_facts(row, facts);
        break;
    case API_SUBNET:
        subnet_facts(row, facts);
        break;
    case API_PORT:
        port_facts(row, facts);
        break;
    case API_AGENT:
        agent_facts(replica, row, facts);
        break;
    case API_N_KINDS:
        OVS_NOT_REACHED();
    }
}

void
applied_facts_from_row(const struct replica *replica,
                       const struct nb_row *row, struct applied_facts *facts)
{
    struct uuid id;

    switch (nb_row_table(row)) {
    case NB_PORT_BINDING:
        id = nb_row_uuid(row, NB_PORT_BINDING_PORT);
        facts->kind = API_PORT;
        facts->object = replica_get(replica, NB_PORT, &id);
        facts->host = nb_row_string(row, NB_PORT_BINDING_HOST);
        facts->revision = nb_row_integer(row, NB_PORT_BINDING_REVISION_NUMBER);
        facts->live = !nb_row_string(row, NB_PORT_BINDING_FAULT)[0];
        break;

    case NB_NETWORK_BINDING:
        id = nb_row_uuid(row, NB_NETWORK_BINDING_NETWORK);
        facts->kind = API_NETWORK;
        facts->object = replica_get(replica, NB_NETWORK, &id);
        facts->host = nb_row_string(row, NB_NETWORK_BINDING_HOST);
        facts->revision = nb_row_integer(row,
                                         NB_NETWORK_BINDING_REVISION_NUMBER);
        facts->live = !nb_row_string(row, NB_NETWORK_BINDING_FAULT)[0];
        break;

    default:
        facts->kind = API_AGENT;
        facts->object = row;
        facts->host = nb_row_string(row, NB_AGENT_HOST);
        facts->revision = nb_row_integer(row, NB_AGENT_HOST_REVISION_NUMBER);
        facts->live = true;
    }

    /* An agent that has not applied anything yet says 0. */
    if (!facts->revision) {
        facts->live = false;
    }
}

void
object_facts_split(const char *who_and_what, char **who, char **what)
{
    const char *colon = strstr(who_and_what, ": ");

    *who = (colon ? xmemdup0(who_and_what, colon - who_and_what)
            : xstrdup(who_and_what));
    *what = xstrdup(colon ? colon + 2 : "");
}

bool
object_facts_of_deletion(const struct replica *replica, const char *id,
                  char **who, char **what)
{
    const struct nb_row **rows = replica_rows(replica, NB_GLOBAL);
    bool found = false;

    if (replica_count(replica, NB_GLOBAL)) {
        const char *last = nb_row_string(rows[0], NB_GLOBAL_LAST_DELETION);
        const char *by = strstr(last, " by ");
        const char *named = strstr(last, id);

        if (by && named && named < by) {
            object_facts_split(by + strlen(" by "), who, what);
            found = true;
        }
    }
    free(rows);
    return found;
}
