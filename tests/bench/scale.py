# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What a change of admin state costs on a hypervisor with many local ports of
one network: changes of flows (seen by the switch), flow_mods (counted by the
agent), and rows that the agent writes to the northbound database, for one
command of sluice-nbctl; then the time from the transaction to the flow,
over a number of flips."""

from lab import Lab, wait_until

from . import observe, report, world
from .subjects import toggle

HOST = "hv1"

# Operation of sluice-nbctl, and the table it changes.
OPERATIONS = (("net", "Network"), ("port", "Port"), ("host", "Host"))


def add_arguments(parser):
    parser.add_argument("--sizes", default="10,100,1000",
                        help="local ports of the network "
                        "(default: %(default)s)")
    parser.add_argument("--toggles", type=int, default=40,
                        help="flips that are timed (default: %(default)s)")


def main(args):
    world.build_programs()
    print("%s.\n" % report.machine())
    table = report.Table("operation", "local ports", "changes of flows",
                         "flow_mods", "rows written",
                         "ms to the flow, p50 / p90 / p99")
    for size in map(int, args.sizes.split(",")):
        with Lab(agents=False) as lab:
            scale = Scale(lab, size)
            for kind, row_table in OPERATIONS:
                down = scale.count(kind + "-disable")
                up = scale.count(kind + "-enable")
                time = scale.time(kind, row_table, args.toggles)
                table.row(kind + "-disable", size, *down, time)
                table.row(kind + "-enable", size, *up, "")


class Scale:
    def __init__(self, lab, n_ports):
        self.lab = lab
        self.hypervisor = hypervisor = lab.add_hypervisor(HOST)
        self.network, self.ports = world.Intent(lab.nb).add_network(
            [HOST] * n_ports)
        world.add_bridge(hypervisor, hypervisor.bridge)
        world.plug(hypervisor, hypervisor.bridge, self.ports)
        hypervisor.start_agent()
        wait_until(self._all_bound, 120, "the ports to be bound")
        self._await_idle()

    def count(self, operation):
        """Runs sluice-nbctl `operation` and returns the changes of flows,
        the flow_mods and the rows written that follow."""
        flows = observe.Flows(self.hypervisor, self.hypervisor.bridge)
        rows = observe.Rows(self.lab.nb)
        before = self._flow_mods()
        try:
            self.lab.nb.ctl("--wait=hv", operation, self._name(operation))
            self._await_idle()
            return flows.count(), self._flow_mods() - before, rows.count()
        finally:
            flows.close()
            rows.close()

    def time(self, kind, table, n):
        """Returns percentiles of `n` flips of that row."""
        row = self._name(kind)
        if kind == "host":
            row = self.lab.nb.rows("Host", ["_uuid"])[0]["_uuid"][1]
        samples = toggle(self.lab.nb.unix, world.mgmt(self.hypervisor,
                                                      self.hypervisor.bridge),
                         [row], n, "--table=" + table,
                         "--revision=revision_number")
        return report.percentiles([s.first for s in samples])

    def _name(self, operation):
        return {"net": self.network, "port": self.ports[0],
                "host": HOST}[operation.split("-")[0]]

    def _flow_mods(self):
        return self.hypervisor.agent.coverage().get("agent_flow_mod", 0)

    def _all_bound(self):
        result = self.lab.nb.rows("Port_Binding", ["port", "up"])
        return len([r for r in result if r["up"]]) == len(self.ports)

    def _await_idle(self):
        world.await_idle([d for d in self.lab.daemons() if d.pid])
