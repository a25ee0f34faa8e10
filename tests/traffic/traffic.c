/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* sluice-traffic: the command line, and what sender and receiver share.  See
 * traffic.h.  Bad options and failed system calls end the program with a
 * message. */

#include <config.h>

#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/if_packet.h>

#include "openvswitch/json.h"
#include "socket-util.h"
#include "traffic.h"
#include "util.h"

/* Documentation addresses: no machine answers, none complains. */
#define DEFAULT_SRC_IP "198.51.100.1"
#define DEFAULT_DST_IP "198.51.100.2"

#define DEFAULT_QUIET_MS 100

static void parse_options(int argc, char *argv[], struct traffic_options *);
static void parse_option(int c, struct traffic_options *);
static void check_options(const char *command,
                          const struct traffic_options *);
static uint64_t parse_number(const char *option, uint64_t max);
static struct eth_addr parse_mac(const char *option);
static ovs_be32 parse_ip(const char *option);
static enum traffic_vary parse_vary(void);
OVS_NO_RETURN static void usage(void);

enum {
    OPT_DEV = 256,
    OPT_STREAM,
    OPT_SRC_MAC,
    OPT_DST_MAC,
    OPT_SRC_IP,
    OPT_DST_IP,
    OPT_PPS,
    OPT_COUNT,
    OPT_DURATION,
    OPT_VARY,
    OPT_FLOWS,
    OPT_QUIET,
};

static const struct option long_options[] = {
    { "dev", required_argument, NULL, OPT_DEV },
    { "stream", required_argument, NULL, OPT_STREAM },
    { "src-mac", required_argument, NULL, OPT_SRC_MAC },
    { "dst-mac", required_argument, NULL, OPT_DST_MAC },
    { "src-ip", required_argument, NULL, OPT_SRC_IP },
    { "dst-ip", required_argument, NULL, OPT_DST_IP },
    { "pps", required_argument, NULL, OPT_PPS },
    { "count", required_argument, NULL, OPT_COUNT },
    { "duration", required_argument, NULL, OPT_DURATION },
    { "vary", required_argument, NULL, OPT_VARY },
    { "flows", required_argument, NULL, OPT_FLOWS },
    { "quiet", required_argument, NULL, OPT_QUIET },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

int
main(int argc, char *argv[])
{
    struct traffic_options o = {
        .pps = 1000,
        .flows = 1,
        .quiet_ms = DEFAULT_QUIET_MS,
    };
    inet_pton(AF_INET, DEFAULT_SRC_IP, &o.src_ip);
    inet_pton(AF_INET, DEFAULT_DST_IP, &o.dst_ip);

    set_program_name(argv[0]);
    parse_options(argc, argv, &o);
    if (argc - optind != 1) {
        ovs_fatal(0, "give one command, send or recv; use --help for help");
    }
    check_options(argv[optind], &o);
    return (!strcmp(argv[optind], "send") ? traffic_send : traffic_recv)(&o);
}

static void
parse_options(int argc, char *argv[], struct traffic_options *o)
{
    int c;

    while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        parse_option(c, o);
    }
}

static void
parse_option(int c, struct traffic_options *o)
{
    switch (c) {
    case OPT_DEV: o->dev = optarg; break;
    case OPT_STREAM: o->stream = parse_number("stream", UINT32_MAX); break;
    case OPT_SRC_MAC: o->src_mac = parse_mac("src-mac"); break;
    case OPT_DST_MAC: o->dst_mac = parse_mac("dst-mac"); break;
    case OPT_SRC_IP: o->src_ip = parse_ip("src-ip"); break;
    case OPT_DST_IP: o->dst_ip = parse_ip("dst-ip"); break;
    case OPT_PPS: o->pps = parse_number("pps", 10000000); break;
    case OPT_COUNT: o->count = parse_number("count", UINT32_MAX); break;
    case OPT_DURATION:
        o->duration_ns = parse_number("duration", 86400) * 1000000000;
        break;
    case OPT_VARY: o->vary = parse_vary(); break;
    case OPT_FLOWS: o->flows = parse_number("flows", 100000000); break;
    case OPT_QUIET: o->quiet_ms = parse_number("quiet", 60000); break;
    case 'h': usage();
    default: ovs_fatal(0, "use --help for help");
    }
}

static void
check_options(const char *command, const struct traffic_options *o)
{
    bool sender = !strcmp(command, "send");

    if (!sender && strcmp(command, "recv")) {
        ovs_fatal(0, "%s: no such command; use --help for help", command);
    }
    if (!o->dev) {
        ovs_fatal(0, "--dev is missing");
    }
    if (!o->flows) {
        ovs_fatal(0, "--flows must be at least 1");
    }
    if (sender
        && (eth_addr_is_zero(o->src_mac) || eth_addr_is_zero(o->dst_mac))) {
        ovs_fatal(0, "send needs --src-mac and --dst-mac");
    }
}

static uint64_t
parse_number(const char *option, uint64_t max)
{
    unsigned long long value;

    if (!str_to_ullong(optarg, 10, &value) || value > max) {
        ovs_fatal(0, "--%s=%s: not a number from 0 to %"PRIu64,
                  option, optarg, max);
    }
    return value;
}

static struct eth_addr
parse_mac(const char *option)
{
    struct eth_addr mac;

    if (!eth_addr_from_string(optarg, &mac)) {
        ovs_fatal(0, "--%s=%s: not an Ethernet address", option, optarg);
    }
    return mac;
}

static ovs_be32
parse_ip(const char *option)
{
    ovs_be32 ip;

    if (!ip_parse(optarg, &ip)) {
        ovs_fatal(0, "--%s=%s: not an IPv4 address", option, optarg);
    }
    return ip;
}

static enum traffic_vary
parse_vary(void)
{
    static const char *const names[] = {
        [VARY_NONE] = "none",
        [VARY_L4] = "l4",
        [VARY_SRC_MAC] = "src-mac",
        [VARY_DST_MAC] = "dst-mac",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(optarg, names[i])) {
            return i;
        }
    }
    ovs_fatal(0, "--vary=%s: not none, l4, src-mac or dst-mac", optarg);
}

static void
usage(void)
{
    printf("\
%s: packets that can be accounted for one by one\n\
usage: %s send --dev=DEV --src-mac=MAC --dst-mac=MAC [OPTIONS]\n\
       %s recv --dev=DEV [OPTIONS]\n\
\n\
  --stream=N        tells concurrent runs apart (default: 0)\n\
Sender:\n\
  --pps=N           packets a second, 0: as fast as it goes (default: 1000)\n\
  --count=N         end after so many packets\n\
  --duration=SECS   end after so many seconds\n\
  --vary=WHAT       spread over flows by l4 (ports), src-mac or dst-mac\n\
  --flows=N         so many flows (default: 1)\n\
  --src-ip=IP, --dst-ip=IP   (default: %s, %s)\n\
Receiver:\n\
  --quiet=MS        when told to stop, wait for a silence of so many\n\
                    milliseconds (default: %d)\n\
\n\
Both print \"ready\", then a line of JSON on SIGUSR1, and a last one at their\n\
end, which SIGTERM asks for.\n",
           program_name, program_name, program_name,
           DEFAULT_SRC_IP, DEFAULT_DST_IP, DEFAULT_QUIET_MS);
    exit(EXIT_SUCCESS);
}

/* Opens a packet socket on device 'dev' for packets of Ethernet type
 * 'protocol' (0: it receives nothing). */
int
traffic_open_socket(const char *dev, uint16_t protocol)
{
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        ovs_fatal(errno, "cannot open a packet socket");
    }

    struct sockaddr_ll sll = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(protocol),
        .sll_ifindex = if_nametoindex(dev),
    };
    if (!sll.sll_ifindex
        || bind(fd, (struct sockaddr *) &sll, sizeof sll)) {
        ovs_fatal(errno, "%s: cannot bind a packet socket", dev);
    }
    return fd;
}

/* Returns a descriptor that is readable when a signal has come, for
 * traffic_next_signal(). */
int
traffic_open_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);

    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) {
        ovs_fatal(errno, "cannot open a signal descriptor");
    }
    return fd;
}

/* Returns the next signal that has come, or 0. */
int
traffic_next_signal(int signal_fd)
{
    struct signalfd_siginfo info;

    return read(signal_fd, &info, sizeof info) == sizeof info
           ? (int) info.ssi_signo : 0;
}

void
traffic_ready(void)
{
    puts("ready");
    fflush(stdout);
}

/* Prints 'report', as one line, and destroys it. */
void
traffic_print(struct json *report)
{
    char *s = json_to_string(report, JSSF_SORT);

    puts(s);
    fflush(stdout);
    free(s);
    json_destroy(report);
}

int64_t
traffic_now_ns(int clock_id)
{
    struct timespec ts;

    clock_gettime(clock_id, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}
