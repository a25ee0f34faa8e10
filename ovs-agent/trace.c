/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See trace.h.  The answer looks like this:
 *
 *     Flow: in_port=4,...
 *
 *     bridge("br-int")
 *     ----------------
 *      0. in_port=4,..., priority 100, cookie 0x26309473343745c4
 *         goto_table:8
 *      8. No match.
 *         drop
 *
 *     Final flow: ...
 *     Megaflow: ...
 *     Datapath actions: ...
 *
 * What a resubmit or an output to another bridge leads to is indented further,
 * unless nothing comes after it. */

#include <config.h>

#include "trace.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "packets.h"
#include "util.h"

/* Columns, four of which are a level. */
#define NOWHERE SIZE_MAX

struct parser {
    struct trace *trace;
    const char *bridge;
    size_t foreign;             /* The column of another bridge's heading that
                                 * we are below, or NOWHERE. */
    bool foreign_deeper;        /* Is what happens there indented? */
    bool foreign_begins;        /* Is its first line still to come? */
};

static struct trace_step *
add_step(struct trace *trace, enum trace_kind kind, const char *text)
{
    struct trace_step *step;

    if (trace->n >= trace->allocated) {
        trace->steps = x2nrealloc(trace->steps, &trace->allocated,
                                  sizeof *trace->steps);
    }
    step = &trace->steps[trace->n++];
    memset(step, 0, sizeof *step);
    step->kind = kind;
    step->text = xstrdup(text);
    return step;
}

/* A table: "24. FIELDS, priority 100, cookie 0x123" or "24. No match." */
static bool
parse_table(struct trace *trace, const char *text)
{
    struct trace_step *step;
    const char *s;
    int table, n = 0;

    if (!ovs_scan(text, "%d.%n", &table, &n) || text[n] != ' '
        || table < 0 || table > UINT8_MAX) {
        return false;
    }
    step = add_step(trace, TRACE_TABLE, text + n + 1);
    step->table = table;
    s = strstr(step->text, "priority ");
    if (s) {
        step->matched = ovs_scan(s, "priority %"SCNu16, &step->priority);
    }
    s = strstr(step->text, ", cookie ");
    if (s) {
        step->cookie = strtoull(s + strlen(", cookie "), NULL, 0);
    }
    return true;
}

/* The last table's flow does nothing. */
static void
parse_drop(struct trace *trace)
{
    if (trace->n && trace->steps[trace->n - 1].kind == TRACE_TABLE) {
        trace->steps[trace->n - 1].drops = true;
    }
}

static bool
starts_with(const char *s, const char *prefix)
{
    return !strncmp(s, prefix, strlen(prefix));
}

/* A line without its indentation. */
static void
parse_step(struct trace *trace, const char *text)
{
    if (starts_with(text, "-> ")) {
        add_step(trace, TRACE_NOTE, text + 3);
    } else if (starts_with(text, ">>>> ")) {
        char *s = add_step(trace, TRACE_WARNING, text + 5)->text;
        char *end = strstr(s, " <<<<");

        if (end) {
            *end = '\0';
        }
    } else if (starts_with(text, ">> ")) {
        add_step(trace, TRACE_WARNING, text + 3);
    } else if (!strcmp(text, "drop")) {
        parse_drop(trace);
    } else if (!parse_table(trace, text)) {
        add_step(trace, TRACE_ACTION, text);
    }
}

/* Is the line at 'column' about what happens on another bridge? */
static bool
is_foreign(struct parser *parser, size_t column)
{
    if (parser->foreign == NOWHERE) {
        return false;
    } else if (parser->foreign_begins) {
        parser->foreign_begins = false;
        parser->foreign_deeper = column > parser->foreign;
    }
    if (column < parser->foreign + (parser->foreign_deeper ? 1 : 0)) {
        parser->foreign = NOWHERE;
    }
    return parser->foreign != NOWHERE;
}

/* A heading; if it is within another bridge, that one's end is looked for. */
static void
parse_bridge(struct parser *parser, const char *text, size_t column)
{
    char *ours = xasprintf("bridge(\"%s\")", parser->bridge);

    if (!is_foreign(parser, column) && strcmp(text, ours)) {
        parser->foreign = column;
        parser->foreign_begins = true;
    }
    free(ours);
}

/* What comes after all steps. */
static void
parse_end(struct trace *trace, const char *line)
{
    if (starts_with(line, "Datapath actions: ")) {
        trace->nothing_done = !strcmp(line, "Datapath actions: drop");
    } else if (starts_with(line, "Translation failed")) {
        add_step(trace, TRACE_WARNING, line);
        trace->nothing_done = true;
    }
}

static void
parse_line(struct parser *parser, const char *line)
{
    size_t spaces = strspn(line, " ");
    const char *text = line + spaces;
    size_t column = spaces - spaces % 4;

    if (starts_with(text, "bridge(")) {
        parse_bridge(parser, text, column);
    } else if (text[0] && text[strspn(text, "-")]
               && !is_foreign(parser, column)) {
        parse_step(parser->trace, text);
    }
}

void
trace_parse(struct trace *trace, const char *text, const char *bridge)
{
    struct parser parser = {
        .trace = trace,
        .bridge = bridge,
        .foreign = NOWHERE,
    };
    char *copy = xstrdup(text);
    char *save_ptr = NULL;
    bool began = false, ended = false;

    memset(trace, 0, sizeof *trace);
    for (char *line = strtok_r(copy, "\r\n", &save_ptr); line;
         line = strtok_r(NULL, "\r\n", &save_ptr)) {
        began = began || starts_with(line, "bridge(");
        ended = ended || starts_with(line, "Final flow:");
        if (ended) {
            parse_end(trace, line);
        } else if (began) {
            parse_line(&parser, line);
        }
    }
    free(copy);
}

void
trace_destroy(struct trace *trace)
{
    for (size_t i = 0; i < trace->n; i++) {
        free(trace->steps[i].text);
    }
    free(trace->steps);
}

/* Actions. */

bool
trace_output(const char *text, ofp_port_t *port)
{
    unsigned int number;

    if (!strcmp(text, "IN_PORT")) {
        *port = OFPP_IN_PORT;
        return true;
    } else if (ovs_scan(text, "output:%u", &number) && number < UINT16_MAX) {
        *port = u16_to_ofp(number);
        return true;
    }
    return false;
}

static bool
parse_ipv4(const char *s, struct in6_addr *dst)
{
    uint32_t number;
    ovs_be32 ip;

    if (!ip_parse(s, &ip)) {
        if (!str_to_uint(s, 0, &number)) {
            return false;
        }
        ip = htonl(number);
    }
    in6_addr_set_mapped_ipv4(dst, ip);
    return true;
}

static bool
parse_ipv6(const char *s, struct in6_addr *dst)
{
    char *tail;

    return (ipv6_parse(s, dst)
            || !parse_int_string(s, dst->s6_addr, sizeof dst->s6_addr,
                                 &tail));
}

/* What a learned flow loads comes in two halves, together on a line. */
static bool
parse_halves(const char *s, struct in6_addr *dst)
{
    uint64_t low, high;

    if (!ovs_scan(s, "load:%"SCNi64"->NXM_NX_TUN_IPV6_DST[0..63],"
                  "load:%"SCNi64"->NXM_NX_TUN_IPV6_DST[64..127]",
                  &low, &high)) {
        return false;
    }
    for (int i = 0; i < 8; i++) {
        dst->s6_addr[7 - i] = high >> (8 * i);
        dst->s6_addr[15 - i] = low >> (8 * i);
    }
    return true;
}

bool
trace_tunnel_dst(const char *text, struct in6_addr *dst)
{
    const char *field = strstr(text, "->");
    const char *value = strchr(text, ':');
    char *copy;
    bool ok;

    if (!field || !value || value > field) {
        return false;
    }
    copy = xmemdup0(value + 1, field - value - 1);
    field += 2;
    ok = (!strcmp(field, "tun_dst") || !strcmp(field, "NXM_NX_TUN_IPV4_DST[]")
          ? parse_ipv4(copy, dst)
          : !strcmp(field, "tun_ipv6_dst") ? parse_ipv6(copy, dst)
          : parse_halves(text, dst));
    free(copy);
    return ok;
}
