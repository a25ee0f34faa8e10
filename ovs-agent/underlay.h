/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef UNDERLAY_H
#define UNDERLAY_H 1

/* The network that tunnels travel on, as the kernel tells of it: the MTU of
 * the device that has the hypervisor's tunnel address.
 *
 * The kernel announces every change of a device or an address (rtnetlink), so
 * nothing is polled.  Not thread-safe. */

#include <stdbool.h>

struct in6_addr;
struct underlay;

struct underlay *underlay_create(void);
void underlay_destroy(struct underlay *);

/* True if what underlay_mtu() said is no longer so.  Devices come and go with
 * every VM: only theirs that was asked for matters. */
bool underlay_run(struct underlay *);
void underlay_wait(struct underlay *);

/* Instead of an MTU: no device has the address. */
#define UNDERLAY_NO_DEVICE -1

/* The MTU, in bytes, of the device with address 'ip' (IPv4 as
 * ::ffff:a.b.c.d); 0 if it cannot be found out.  Devices are looked at when
 * 'ip' is another than the last time. */
int underlay_mtu(struct underlay *, const struct in6_addr *ip);

#endif /* underlay.h */
