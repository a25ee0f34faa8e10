# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Latency from the northbound database to the switch.

The clock starts when the transaction that flips a port's admin state is sent
to the northbound ovsdb-server, and stops when the switch announces the changed
flow.  Floor, agent and peer take turns in short blocks of one run, so that
whatever else the machine does hits all of them alike."""

import collections
import json

from lab import Lab

from . import report, world
from .subjects import Agent, Floor

# Flips a subject has before it is the next one's turn.
BLOCK = 20

LOCAL_PORTS = 10
HOST = "hv1"


def add_arguments(parser):
    parser.add_argument("--sizes", default="100,10000,100000",
                        help="ports in the northbound database, ascending "
                        "(default: %(default)s)")
    parser.add_argument("--toggles", type=int, default=200,
                        help="flips of each subject at each size "
                        "(default: %(default)s)")
    parser.add_argument("--peer", choices=["ovn"],
                        help="measure this one too, on the same switch")
    parser.add_argument("--peer-toggles", type=int, default=60,
                        help="flips of the peer (default: %(default)s)")
    parser.add_argument("--raw", metavar="FILE",
                        help="write every sample to FILE, as JSON")


def main(args):
    world.build_programs()
    sizes = [int(s) for s in args.sizes.split(",")]
    samples = {}
    with Lab(agents=False) as lab:
        hypervisor = lab.add_hypervisor(HOST)
        intent = world.Intent(lab.nb)
        subjects = make_subjects(lab, hypervisor, intent, args.peer)
        print_heading(args)
        table = report.Table(*headings(subjects))
        for size in sizes:
            intent.grow(size)
            samples[size] = measure(lab, subjects, size, args)
            table.row(*cells(subjects, size, samples[size]))
    if args.raw:
        with open(args.raw, "w") as f:
            json.dump(samples, f, indent=1)


def make_subjects(lab, hypervisor, intent, peer):
    _, ports = intent.add_network([HOST] * LOCAL_PORTS)
    _, (floor_port,) = intent.add_network(["elsewhere"])
    subjects = [Floor(lab, hypervisor, floor_port),
                Agent(lab, hypervisor, ports)]
    if peer == "ovn":
        from .ovn import Ovn
        subjects.append(Ovn(lab, hypervisor, LOCAL_PORTS))
    return subjects


def measure(lab, subjects, size, args):
    """Returns a dict from a subject's name to its samples, and from "memory"
    to a dict of what world.memory() says."""
    daemons = lab.daemons() + [d for s in subjects for d in s.daemons]
    samples = collections.defaultdict(list)
    for subject in subjects:
        subject.start(size)
    for done in range(0, args.toggles, BLOCK):
        for subject in subjects:
            limit = (args.peer_toggles if subject.name == args.peer
                     else args.toggles)
            if done < limit:
                world.await_idle([d for d in daemons if d.pid])
                samples[subject.name] += subject.flip(min(BLOCK, limit - done))
    samples["memory"] = {s.name: s.memory() for s in subjects[1:]}
    for subject in subjects:
        subject.stop()
    return samples


def print_heading(args):
    print("Milliseconds from sending the transaction to the changed flow, "
          "p50 / p90 / p99\nof %d flips%s.  %s.\n" % (
              args.toggles,
              " (%s: %d)" % (args.peer, args.peer_toggles) if args.peer
              else "", report.machine()))


def headings(subjects):
    return (["ports", "floor", "agent, first direction", "agent, both",
             "agent / floor (p50)", "agent's memory (own)"]
            + [heading for peer in subjects[2:]
               for heading in (peer.name, peer.name + "'s memory (own)")]
            + ["reply of the database"])


def cells(subjects, size, samples):
    floor = [s.last for s in samples["floor"]]
    agent = [s.last for s in samples["agent"]]
    row = ["{:,}".format(size), report.percentiles(floor),
           report.percentiles([s.first for s in samples["agent"]]),
           report.percentiles(agent),
           "%.2f" % (report.percentile(agent, 50)
                     / report.percentile(floor, 50)),
           report.memory(samples["memory"]["agent"])]
    for peer in subjects[2:]:
        row += [report.percentiles([s.last for s in samples[peer.name]]),
                report.memory(samples["memory"][peer.name])]
    return row + [report.percentiles([s.reply for s in samples["floor"]])]
