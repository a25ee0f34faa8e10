# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Ways to say what networks and ports there are to be.

Each has network(name, segment), where `segment` is a dict of network_type and
so on, empty for a local network, and port(network, name, mac, ip), which
returns the port's UUID.  `say` is called with each command that a person would
have typed, before it is run."""

import json
import shlex
import shutil

from .openstack import OpenStack

# All of the scene's networks have the same subnet: they are apart.
CIDR = "10.0.0.0/24"


def silent(_):
    pass


class ByNbctl:
    """With sluice-nbctl, which writes into the database; a context manager
    like the others."""

    def __init__(self, lab, say=silent):
        self.lab, self.say = lab, say

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def network(self, name, segment):
        self._run("net-add", name, *("%s=%s" % s for s in segment.items()))

    def port(self, network, name, mac, ip):
        del ip                          # Nothing that the agents look at.
        return self._run("port-add", network, name,
                         "mac_address=\"%s\"" % mac)

    def _run(self, *args):
        self.say("sluice-nbctl " + shlex.join(args))
        return self.lab.nb.ctl(*args)


class ByOpenStack:
    """With the openstack command line client, through a notifier."""

    def __init__(self, notifier, say=silent):
        self.cli, self.say = OpenStack(notifier.netns, notifier.url,
                                       notifier.directory), say

    def __enter__(self):
        self.cli.__enter__()
        return self

    def __exit__(self, *args):
        self.cli.__exit__(*args)

    def network(self, name, segment):
        options = [word for key, option in (
            ("network_type", "--provider-network-type"),
            ("physical_network", "--provider-physical-network"),
            ("segmentation_id", "--provider-segment"))
            if key in segment for word in (option, segment[key])]
        self.run("network", "create", *options, name)
        self.run("subnet", "create", "--network", name, "--subnet-range",
                 CIDR, "--no-dhcp", "--gateway", "none", name)

    def port(self, network, name, mac, ip):
        answer = self.run("port", "create", "--network", network,
                          "--mac-address", mac, "--fixed-ip",
                          "ip-address=" + ip, name, output=["-f", "json"])
        return json.loads(answer)["id"]

    def disable(self, name):
        """Takes port `name` out of service."""
        self.run("port", "set", "--disable", name)

    def run(self, *args, output=()):
        self.say("openstack " + shlex.join(args))
        return self.cli.ok(*args, *output)


class ByCurl:
    """With curl, through a notifier: where there is no openstack client."""

    def __init__(self, notifier, say=silent):
        self.notifier, self.say = notifier, say
        self.ids = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def network(self, name, segment):
        network = {"name": name, **{("provider:" + key): value
                                    for key, value in segment.items()}}
        self.ids[name] = self._send("POST", "network", network)
        self._send("POST", "subnet", {
            "network_id": self.ids[name], "cidr": CIDR, "ip_version": 4,
            "enable_dhcp": False, "gateway_ip": None})

    def port(self, network, name, mac, ip):
        self.ids[name] = self._send("POST", "port", {
            "network_id": self.ids[network], "name": name,
            "mac_address": mac, "fixed_ips": [{"ip_address": ip}]})
        return self.ids[name]

    def disable(self, name):
        """Takes port `name` out of service."""
        self._send("PUT", "port", {"admin_state_up": False},
                   "/" + self.ids[name])

    def _send(self, method, kind, body, member=""):
        args = ["-X", method, "%s/v2.0/%ss%s" % (self.notifier.url, kind,
                                                 member),
                "-d", json.dumps({kind: body})]
        self.say("curl " + shlex.join(args))
        answer = self.notifier.netns.run("curl", "-sSf", *args)
        return json.loads(answer)[kind]["id"]


def through(notifier, say=silent):
    """The way a user of this machine would take."""
    by = ByOpenStack if shutil.which("openstack") else ByCurl
    return by(notifier, say)
