/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See vif.h.  Bad input, an iface-id that is no UUID or one used twice, is a
 * fault of that Interface alone. */

#include <config.h>

#include "vif.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "openvswitch/vlog.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(vif);

/* As for ports, see topology-compute.c. */
static struct vlog_rate_limit fault_rl = VLOG_RATE_LIMIT_INIT(60, 20);

/* How a refused Interface's status begins.  A new agent finds it there, and so
 * knows which of two was refused by the one before. */
#define DUPLICATE_PREFIX "iface-id is already used by interface "

/* A logical port whose holder may have changed in a scan. */
struct touched {
    struct hmap_node node;
    struct uuid port;
    struct uuid old_iface;      /* Its holder before; zero if none. */
    ofp_port_t old_ofport;
};

void
vif_table_init(struct vif_table *vt)
{
    hmap_init(&vt->by_iface);
    hmap_init(&vt->by_port);
    vt->scan = 0;
    vt->next_age = 1;
}

static void
vif_destroy(struct vif *vif)
{
    free(vif->name);
    free(vif->iface_id);
    free(vif->error);
    free(vif->status);
    free(vif->fault);
    free(vif);
}

void
vif_table_destroy(struct vif_table *vt)
{
    struct vif *vif;

    HMAP_FOR_EACH_POP (vif, iface_node, &vt->by_iface) {
        vif_destroy(vif);
    }
    hmap_destroy(&vt->by_iface);
    hmap_destroy(&vt->by_port);
}

static struct vif *
find_by_iface(const struct vif_table *vt, const struct uuid *iface)
{
    struct vif *vif;

    HMAP_FOR_EACH_WITH_HASH (vif, iface_node, uuid_hash(iface),
                             &vt->by_iface) {
        if (uuid_equals(&vif->iface, iface)) {
            return vif;
        }
    }
    return NULL;
}

static struct vif *
find_holder(const struct vif_table *vt, const struct uuid *port)
{
    struct vif *vif;

    HMAP_FOR_EACH_WITH_HASH (vif, port_node, uuid_hash(port), &vt->by_port) {
        if (vif->holder && uuid_equals(&vif->port, port)) {
            return vif;
        }
    }
    return NULL;
}

const struct vif *
vif_table_find(const struct vif_table *vt, const struct uuid *port)
{
    return find_holder(vt, port);
}

/* Remembers who holds 'port' now, before anything changes about it. */
static void
touch(const struct vif_table *vt, struct hmap *touched,
      const struct uuid *port)
{
    struct touched *t;

    HMAP_FOR_EACH_WITH_HASH (t, node, uuid_hash(port), touched) {
        if (uuid_equals(&t->port, port)) {
            return;
        }
    }

    const struct vif *holder = find_holder(vt, port);
    t = xzalloc(sizeof *t);
    t->port = *port;
    t->old_ofport = OFPP_NONE;
    if (holder) {
        t->old_iface = holder->iface;
        t->old_ofport = holder->ofport;
    }
    hmap_insert(touched, &t->node, uuid_hash(port));
}

static bool
vif_is_as_in(const struct vif *vif, const struct vif_row *row)
{
    return (vif->raw_ofport == row->ofport
            && !strcmp(vif->name, row->name)
            && !strcmp(vif->iface_id, row->iface_id)
            && nullable_string_is_equal(vif->error, row->error));
}

static void
replace_fault(struct vif *vif, char *fault)
{
    free(vif->fault);
    vif->fault = fault;
}

/* Sets 'fault' (taken over; NULL: none) and says so once. */
static void
set_fault(struct vif *vif, char *fault)
{
    if (fault && !nullable_string_is_equal(fault, vif->fault)) {
        VLOG_WARN_RL(&fault_rl, "interface %s: %s", vif->name, fault);
    }
    replace_fault(vif, fault);
}

/* Takes over what 'row' says; 'vif' is not in 'by_port'. */
static void
vif_fill(struct vif *vif, const struct vif_row *row)
{
    free(vif->name);
    free(vif->iface_id);
    free(vif->error);
    vif->name = xstrdup(row->name);
    vif->iface_id = xstrdup(row->iface_id);
    vif->error = nullable_xstrdup(row->error);
    vif->raw_ofport = row->ofport;
    vif->ofport = OFPP_NONE;
    if (row->ofport > 0 && row->ofport < ofp_to_u16(OFPP_MAX)) {
        vif->ofport = u16_to_ofp(row->ofport);
    }
    vif->holder = false;
    vif->is_port = uuid_from_string(&vif->port, row->iface_id);

    if (!vif->is_port) {
        set_fault(vif, xasprintf("iface-id \"%s\" is not a UUID",
                                 row->iface_id));
    } else if (row->ofport < 0) {
        set_fault(vif, xasprintf("Open vSwitch could not open the interface%s"
                                 "%s", row->error ? ": " : "",
                                 row->error ? row->error : ""));
    } else if (vif->ofport == OFPP_NONE) {
        /* Every VIF passes through this. */
        replace_fault(vif, xstrdup("no OpenFlow port yet"));
    } else {
        set_fault(vif, NULL);
    }
}

static void
vif_table_put(struct vif_table *vt, const struct vif_row *row,
              struct hmap *touched)
{
    struct vif *vif = find_by_iface(vt, &row->iface);

    if (!vif) {
        vif = xzalloc(sizeof *vif);
        vif->iface = row->iface;
        vif->age = vt->next_age++;
        hmap_insert(&vt->by_iface, &vif->iface_node, uuid_hash(&vif->iface));
    } else if (vif_is_as_in(vif, row)) {
        vif->scan = vt->scan;
        if (!nullable_string_is_equal(vif->status, row->status)) {
            free(vif->status);
            vif->status = nullable_xstrdup(row->status);
        }
        return;
    } else {
        if (vif->is_port) {
            touch(vt, touched, &vif->port);
            hmap_remove(&vt->by_port, &vif->port_node);
        }
        if (strcmp(vif->iface_id, row->iface_id)) {
            /* Another port's: it comes behind who claimed that before. */
            vif->age = vt->next_age++;
        }
    }

    vif_fill(vif, row);
    vif->scan = vt->scan;
    free(vif->status);
    vif->status = nullable_xstrdup(row->status);
    if (vif->is_port) {
        touch(vt, touched, &vif->port);
        hmap_insert(&vt->by_port, &vif->port_node, uuid_hash(&vif->port));
    }
}

/* Removes what the scan did not see. */
static void
vif_table_sweep(struct vif_table *vt, struct hmap *touched)
{
    struct vif *vif;

    HMAP_FOR_EACH_SAFE (vif, iface_node, &vt->by_iface) {
        if (vif->scan != vt->scan) {
            if (vif->is_port) {
                touch(vt, touched, &vif->port);
                hmap_remove(&vt->by_port, &vif->port_node);
            }
            hmap_remove(&vt->by_iface, &vif->iface_node);
            vif_destroy(vif);
        }
    }
}

/* Lets the earliest working claimant of 'port' hold it.  Returns it, or
 * NULL. */
static struct vif *
elect(struct vif_table *vt, const struct uuid *port)
{
    struct vif *best = NULL;
    struct vif *vif;

    HMAP_FOR_EACH_WITH_HASH (vif, port_node, uuid_hash(port), &vt->by_port) {
        if (uuid_equals(&vif->port, port) && vif->ofport != OFPP_NONE
            && (!best || vif->age < best->age)) {
            best = vif;
        }
    }
    HMAP_FOR_EACH_WITH_HASH (vif, port_node, uuid_hash(port), &vt->by_port) {
        if (uuid_equals(&vif->port, port) && vif->ofport != OFPP_NONE) {
            vif->holder = vif == best;
            set_fault(vif, (vif->holder ? NULL
                            : xasprintf(DUPLICATE_PREFIX"%s", best->name)));
        }
    }
    return best;
}

/* Orders the rows of a scan by which was there first, as far as that can be
 * told: one refused before comes last, and OVS hands out OpenFlow ports in
 * ascending order; one without has yet to get its own. */
static int
compare_rows(const void *a_, const void *b_)
{
    const struct vif_row *a = a_;
    const struct vif_row *b = b_;
    bool a_refused = a->status && !strncmp(a->status, DUPLICATE_PREFIX,
                                           strlen(DUPLICATE_PREFIX));
    bool b_refused = b->status && !strncmp(b->status, DUPLICATE_PREFIX,
                                           strlen(DUPLICATE_PREFIX));

    if (a_refused != b_refused) {
        return a_refused ? 1 : -1;
    } else if ((a->ofport > 0) != (b->ofport > 0)) {
        return a->ofport > 0 ? -1 : 1;
    } else if (a->ofport != b->ofport) {
        return a->ofport < b->ofport ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

void
vif_table_scan(struct vif_table *vt, const struct vif_row *rows_, size_t n,
               vif_changed_cb *changed, void *aux)
{
    struct hmap touched = HMAP_INITIALIZER(&touched);
    struct vif_row *rows = xmemdup(rows_, n * sizeof *rows);
    struct touched *t;

    qsort(rows, n, sizeof *rows, compare_rows);
    vt->scan++;
    for (size_t i = 0; i < n; i++) {
        vif_table_put(vt, &rows[i], &touched);
    }
    vif_table_sweep(vt, &touched);
    free(rows);

    HMAP_FOR_EACH_POP (t, node, &touched) {
        const struct vif *holder = elect(vt, &t->port);

        if (!uuid_equals(holder ? &holder->iface : &UUID_ZERO, &t->old_iface)
            || (holder ? holder->ofport : OFPP_NONE) != t->old_ofport) {
            changed(&t->port, aux);
        }
        free(t);
    }
    hmap_destroy(&touched);
}
