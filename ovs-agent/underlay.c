/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See underlay.h. */

#include <config.h>

#include "underlay.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "netlink-notifier.h"
#include "openvswitch/vlog.h"
#include "packets.h"
#include "socket-util.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(underlay);

static const int groups[] = {
    RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
};

struct underlay {
    struct nln *nln;
    struct nln_notifier *notifiers[ARRAY_SIZE(groups)];
    int change;                 /* For netlink-notifier: of no use to us. */
    bool changed;               /* Any device. */

    struct in6_addr ip;         /* Last asked for; unspecified: nothing. */
    int mtu;                    /* What was said. */
};

/* What has changed is of no interest, so everything is a change of a device:
 * whoever is notified looks at all. */
static int
parse_change(struct ofpbuf *buf OVS_UNUSED, void *change OVS_UNUSED)
{
    return RTNLGRP_LINK;
}

static void
note_change(const void *change OVS_UNUSED, void *underlay_)
{
    struct underlay *underlay = underlay_;

    underlay->changed = true;
}

struct underlay *
underlay_create(void)
{
    struct underlay *underlay = xzalloc(sizeof *underlay);

    underlay->nln = nln_create(NETLINK_ROUTE, parse_change,
                               &underlay->change);
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        underlay->notifiers[i] = nln_notifier_create(
            underlay->nln, groups[i], note_change, underlay);
    }
    return underlay;
}

void
underlay_destroy(struct underlay *underlay)
{
    if (underlay) {
        for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
            nln_notifier_destroy(underlay->notifiers[i]);
        }
        nln_destroy(underlay->nln);
        free(underlay);
    }
}

void
underlay_wait(struct underlay *underlay)
{
    nln_wait(underlay->nln);
}

static bool
has_address(const struct ifaddrs *ifa, const struct in6_addr *ip)
{
    const struct sockaddr *sa = ifa->ifa_addr;
    struct in6_addr addr;

    if (!sa) {
        return false;
    } else if (sa->sa_family == AF_INET) {
        const struct sockaddr_in *sin
            = ALIGNED_CAST(const struct sockaddr_in *, sa);

        in6_addr_set_mapped_ipv4(&addr, sin->sin_addr.s_addr);
    } else if (sa->sa_family == AF_INET6) {
        addr = ALIGNED_CAST(const struct sockaddr_in6 *, sa)->sin6_addr;
    } else {
        return false;
    }
    return ipv6_addr_equals(&addr, ip);
}

static int
device_mtu(const char *name)
{
    struct ifreq ifr;
    int error;

    memset(&ifr, 0, sizeof ifr);
    ovs_strzcpy(ifr.ifr_name, name, sizeof ifr.ifr_name);
    error = af_inet_ioctl(SIOCGIFMTU, &ifr);
    if (error) {
        VLOG_WARN("%s: MTU: %s", name, ovs_strerror(error));
    }
    return error ? 0 : ifr.ifr_mtu;
}

static int
find_mtu(const struct in6_addr *ip)
{
    int mtu = UNDERLAY_NO_DEVICE;
    struct ifaddrs *all;

    if (getifaddrs(&all)) {
        VLOG_WARN("getifaddrs: %s", ovs_strerror(errno));
        return 0;
    }
    for (const struct ifaddrs *ifa = all; ifa && mtu <= 0; ifa = ifa->ifa_next) {
        if (has_address(ifa, ip)) {
            mtu = device_mtu(ifa->ifa_name);
        }
    }
    freeifaddrs(all);
    return mtu;
}

int
underlay_mtu(struct underlay *underlay, const struct in6_addr *ip)
{
    if (!ipv6_addr_equals(&underlay->ip, ip)) {
        underlay->ip = *ip;
        underlay->mtu = find_mtu(ip);
    }
    return underlay->mtu;
}

bool
underlay_run(struct underlay *underlay)
{
    int former = underlay->mtu;

    nln_run(underlay->nln);
    if (underlay->changed && ipv6_addr_is_set(&underlay->ip)) {
        underlay->mtu = find_mtu(&underlay->ip);
    }
    underlay->changed = false;
    return underlay->mtu != former;
}
