/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef VIF_H
#define VIF_H 1

/* What is plugged: the Interfaces of the integration bridge that carry an
 * "iface-id", and which of them holds which logical port.
 *
 * ovs-local.c scans the Interface table and puts what it finds; topology.c
 * asks who holds a port and is told when that changes.  A port has one holder:
 * of several Interfaces with one iface-id the earliest that works; the others
 * are refused and say so in 'fault'.
 *
 * Pure: no database behind it.  Not thread-safe. */

#include <stdbool.h>
#include <stdint.h>

#include "openvswitch/hmap.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"

/* An Interface row as found in a scan. */
struct vif_row {
    struct uuid iface;          /* The row's UUID. */
    const char *name;
    const char *iface_id;       /* external_ids:iface-id, not NULL. */
    int64_t ofport;             /* 0: none yet; -1: OVS could not open it. */
    const char *error;          /* Why it could not, or NULL. */
    const char *status;         /* external_ids:sluice-status, or NULL. */
};

struct vif {
    struct hmap_node iface_node; /* In vif_table's 'by_iface'. */
    struct hmap_node port_node; /* In vif_table's 'by_port', if is_port. */
    struct uuid iface;
    char *name;
    char *iface_id;
    char *error;
    char *status;
    int64_t raw_ofport;
    uint64_t age;               /* Order of arrival. */
    unsigned int scan;          /* The last scan that saw it. */

    bool is_port;               /* Is 'iface_id' a UUID? */
    struct uuid port;           /* If so, the logical port's. */
    ofp_port_t ofport;          /* OFPP_NONE while it has none. */
    bool holder;                /* Does it hold 'port'? */
    char *fault;                /* Why it is of no use; NULL if it is. */
};

typedef void vif_changed_cb(const struct uuid *port, void *aux);

struct vif_table {
    struct hmap by_iface;       /* All "struct vif"s. */
    struct hmap by_port;        /* Those with 'is_port'; several may share. */
    unsigned int scan;
    uint64_t next_age;
};

void vif_table_init(struct vif_table *);
void vif_table_destroy(struct vif_table *);

/* Takes the result of a whole scan, 'n' rows.  What is not among them is gone.
 * Then calls 'changed' once for each logical port whose holder, or whose
 * holder's OpenFlow port, is no longer the same.  The cost is that of the
 * scan, and of what changed. */
void vif_table_scan(struct vif_table *, const struct vif_row *rows, size_t n,
                    vif_changed_cb *changed, void *aux);

/* The VIF that holds 'port', or NULL. */
const struct vif *vif_table_find(const struct vif_table *,
                                 const struct uuid *port);

#endif /* vif.h */
