# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What tests of what the agent tells have in common: asking, what is asked
about, and waiting until there is an answer."""

import json

from .process import wait_until


def rows(hv, *command):
    """Returns the rows that the agent of `hv` answers, as dicts."""
    answer = json.loads(hv.agent.appctl(*command, "-f", "json"))
    return [dict(zip(answer["headings"], row)) for row in answer["data"]]


def settled(hv):
    """Waits until the counters of hv's flows tell of all packets there
    were."""
    for _ in range(2):
        hv.vswitchd.appctl("revalidator/wait")


def give_ips(scene, name, *addresses):
    """Gives a port IP addresses, in the database alone."""
    port = ["uuid", scene.vms[name].port]
    net = ["uuid", scene.nb.uuid("Network", name.rpartition("-")[0])]
    subnets = [{"op": "insert", "table": "Subnet", "uuid-name": "s%d" % i,
                "row": {"network": net, "cidr": address + "/32",
                        "ip_version": 6 if ":" in address else 4}}
               for i, address in enumerate(addresses)]
    allocations = [{"op": "insert", "table": "IP_Allocation",
                    "uuid-name": "a%d" % i,
                    "row": {"subnet": ["named-uuid", "s%d" % i],
                            "ip_address": address}}
                   for i, address in enumerate(addresses)]
    scene.nb.transact(*subnets, *allocations, {
        "op": "update", "table": "Port", "where": [["_uuid", "==", port]],
        "row": {"ip_allocations": ["set", [
            ["named-uuid", "a%d" % i] for i in range(len(addresses))]]}})


def wait_answering(hv, *addresses):
    """Waits until flows answer who asks for these IPv4 addresses."""
    wait_until(lambda: all(any("arp_tpa=%s," % a in f for f in hv.flows())
                           for a in addresses), what="answers")
