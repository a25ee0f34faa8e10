/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Writes a world into a database file, in the format of ovsdb(5), "Standalone
 * Database Format": millions of rows that way take seconds.  Any error ends
 * the program. */

#include <config.h>

#include "world.h"

#include <errno.h>
#include <stdio.h>

#include "openvswitch/dynamic-string.h"
#include "sha1.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* Rows of one record: ovsdb-server holds each record in memory as JSON while
 * it reads it. */
#define BATCH 10000

struct writer {
    FILE *file;
    const char *name;           /* Of the file. */
    const char *table;
    struct ds record;
    unsigned int n_rows;        /* In 'record'. */
};

static void
flush_record(struct writer *w)
{
    char hex[SHA1_HEX_DIGEST_LEN + 1];
    uint8_t digest[SHA1_DIGEST_SIZE];

    if (!w->n_rows) {
        return;
    }
    ds_put_format(&w->record, "},\"_date\":%lld,\"_comment\":\"swarm\"}\n",
                  time_wall_msec());
    sha1_bytes(w->record.string, w->record.length, digest);
    sha1_to_hex(digest, hex);
    if (fprintf(w->file, "OVSDB JSON %"PRIuSIZE" %s\n", w->record.length,
                hex) < 0
        || fwrite(w->record.string, w->record.length, 1, w->file) != 1) {
        ovs_fatal(errno, "%s: cannot write", w->name);
    }
    ds_clear(&w->record);
    w->n_rows = 0;
}

/* Begins a row; the caller appends its columns and "}". */
static void
begin_row(struct writer *w, enum world_kind kind, unsigned int number)
{
    struct uuid uuid = world_uuid(kind, number);

    if (w->n_rows >= BATCH) {
        flush_record(w);
    }
    if (!w->n_rows++) {
        ds_put_format(&w->record, "{\"%s\":{", w->table);
    } else {
        ds_put_char(&w->record, ',');
    }
    ds_put_format(&w->record, "\""UUID_FMT"\":{", UUID_ARGS(&uuid));
}

static void
write_networks(struct writer *w, const struct world *world)
{
    w->table = "Network";
    for (unsigned int i = 0; i < world->n_agents * world->n_networks; i++) {
        begin_row(w, WORLD_NETWORK, i);
        ds_put_format(&w->record, "\"name\":\"net-%u\",\"mtu\":1450,"
                      "\"admin_state_up\":true,\"revision_number\":1}", i);
    }
    flush_record(w);
}

static void
write_port(struct writer *w, const struct world *world, unsigned int agent,
           unsigned int i)
{
    unsigned int number = world_first_port(world, agent) + i;
    struct uuid network = world_uuid(
        WORLD_NETWORK,
        world_first_network(world, agent) + i % world->n_networks);

    begin_row(w, WORLD_PORT, number);
    ds_put_format(&w->record, "\"name\":\"port-%u\","
                  "\"network\":[\"uuid\",\""UUID_FMT"\"],"
                  "\"mac_address\":\"02:00:%02x:%02x:%02x:%02x\","
                  "\"admin_state_up\":true,\"port_security_enabled\":true,"
                  "\"revision_number\":1",
                  number, UUID_ARGS(&network), number >> 24,
                  (number >> 16) & 0xff, (number >> 8) & 0xff,
                  number & 0xff);
    if (number < world_first_slot(world, agent)) {
        char host[16];

        world_host(agent, host, sizeof host);
        ds_put_format(&w->record, ",\"host\":\"%s\"", host);
    }
    ds_put_char(&w->record, '}');
}

static void
write_ports(struct writer *w, const struct world *world)
{
    w->table = "Port";
    for (unsigned int agent = 0; agent < world->n_agents; agent++) {
        for (unsigned int i = 0; i <= world->n_ports; i++) {
            write_port(w, world, agent, i);
        }
    }
    flush_record(w);
}

static void
write_agents(struct writer *w, const struct world *world)
{
    w->table = "Agent";
    for (unsigned int agent = 0; agent < world->n_agents; agent++) {
        char host[16];

        world_host(agent, host, sizeof host);
        begin_row(w, WORLD_AGENT, agent);
        ds_put_format(&w->record, "\"host\":\"%s\",\"bridge\":\"br-int\","
                      "\"encaps\":[\"map\",[[\"vxlan\",\"192.0.2.%u\"]]],"
                      "\"roles\":[\"set\",[\"port\",\"tunnel\"]],"
                      "\"version\":\"swarm\"}", host, agent % 256);
    }
    flush_record(w);
}

void
world_write(const struct world *world, const char *name)
{
    struct writer w = { .name = name, .record = DS_EMPTY_INITIALIZER };

    w.file = fopen(name, "r+");
    if (!w.file || fseek(w.file, 0, SEEK_END)) {
        ovs_fatal(errno, "%s: cannot open", name);
    }
    write_networks(&w, world);
    write_ports(&w, world);
    write_agents(&w, world);
    if (fclose(w.file)) {
        ovs_fatal(errno, "%s: cannot write", name);
    }
    ds_destroy(&w.record);
}
