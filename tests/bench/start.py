# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""How long an agent takes that finds many local ports as it starts.

The clock starts when the agent is connected to the northbound database (by
its log) and stops when the switch announces the last changed flow, and when
the last binding is in the database, which the agent writes when it has the
reply to its last barrier.  "announced": the ports' host is set, so one
question finds them all; "by interface": it is not, and the agent asks for each
port that it sees plugged; "restart": everything is in place already, and
nothing may change."""

import statistics

from lab import Lab, wait_until

from . import observe, report, world

HOST = "hv1"


def add_arguments(parser):
    parser.add_argument("--ports", type=int, default=1000,
                        help="local ports (default: %(default)s)")
    parser.add_argument("--elsewhere", type=int, default=10000,
                        help="ports at other hypervisors "
                        "(default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5,
                        help="starts of each kind (default: %(default)s)")


def main(args):
    world.build_programs()
    print("Milliseconds from connection to the northbound database, median "
          "(slowest) of %d.\n%s.\n" % (args.rounds, report.machine()))
    table = report.Table(
        "start", "local ports", "last flow in the switch",
        "last binding in the database", "changes of flows", "rows written")
    for kind, host in (("announced", HOST), ("by interface", "")):
        with Lab(agents=False) as lab:
            bench = Start(lab, args, host)
            table.row(kind, args.ports, *bench.cold())
            if host:
                table.row("restart", args.ports, *bench.restart())


class Start:
    def __init__(self, lab, args, host):
        self.lab, self.args = lab, args
        self.hypervisor = lab.add_hypervisor(HOST)
        self.bridge = self.hypervisor.bridge
        intent = world.Intent(lab.nb)
        self.ports = []
        while len(self.ports) < args.ports:
            n = min(world.PORTS_PER_NETWORK, args.ports - len(self.ports))
            self.ports += intent.add_network([host] * n)[1]
        intent.grow(args.ports + args.elsewhere)
        world.add_bridge(self.hypervisor, self.bridge)
        world.plug(self.hypervisor, self.bridge, self.ports)

    def cold(self):
        """Starts with an empty switch and no bindings."""
        return self._rounds(self._forget, self._all_bound)

    def restart(self):
        """Starts where an agent has just been."""
        return self._rounds(lambda: None, self._compared)

    def _rounds(self, prepare, finished):
        rounds = []
        for _ in range(self.args.rounds):
            self.hypervisor.agent.stop()
            prepare()
            world.await_idle([d for d in self.lab.daemons() if d.pid])
            rounds.append(self._start(finished))
        flows, rows, n_flows, n_rows = zip(*rounds)
        return (_summary(flows), _summary(rows), statistics.median(n_flows),
                statistics.median(n_rows))

    def _start(self, finished):
        flows = observe.Flows(self.hypervisor, self.bridge)
        rows = observe.Rows(self.lab.nb)
        self.log = observe.Log(self.hypervisor.agent.log)
        try:
            self.hypervisor.start_agent()
            wait_until(finished, 120, "the agent to have finished")
            world.await_idle([d for d in self.lab.daemons() if d.pid])
            connected, _ = self.log.find(self.lab.nb.remote, ": connected")
            return (flows.last() - connected if flows.count() else 0,
                    rows.last() - connected if rows.count() else 0,
                    flows.count(), rows.count())
        finally:
            flows.close()
            rows.close()

    def _forget(self):
        self.hypervisor.ofctl("del-flows", self.bridge)
        self.lab.nb.transact(*({"op": "delete", "table": t, "where": []}
                               for t in observe.STATUS_TABLES))

    def _all_bound(self):
        result = self.lab.nb.rows("Port_Binding", ["port", "up"])
        return len([r for r in result if r["up"]]) == self.args.ports

    def _compared(self):
        return self.log.find("flows installed")


def _summary(values):
    return "%.0f (%.0f)" % (statistics.median(values), max(values))
