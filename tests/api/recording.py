# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The recording of Neutron (README): its commands and requests, and what of
them Sluice does not offer."""

import collections
import itertools
import json
import os
import urllib.parse

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                    "transcript.jsonl")

# What is not offered: aliases of extensions, which must not be advertised;
# what they add to which object, which must be neither shown nor accepted; and
# collections, which must not be there.
NotOffered = collections.namedtuple("NotOffered",
                                    "aliases attributes collections reason")

NOT_OFFERED = [
    NotOffered({"port-security"},
               {"network": {"port_security_enabled"},
                "port": {"port_security_enabled"}}, (),
               "source addresses are not policed yet"),
    NotOffered({"allowed-address-pairs"},
               {"port": {"allowed_address_pairs"}}, (),
               "exceptions from what is not policed yet"),
    NotOffered({"security-group", "stateful-security-group",
                "port-security-groups-filtering",
                "security-groups-normalized-cidr",
                "security-groups-remote-address-group",
                "security-groups-shared-filtering"},
               {"port": {"security_groups"}},
               ("security-groups", "security-group-rules"),
               "there is no firewall yet"),
    NotOffered((), {"binding:vif_details": {"bound_drivers"}}, (),
               "which of Neutron's drivers bound a port: there is none"),
]

# Options of commands whose requests carry what is not offered, with the number
# of their arguments.
OPTIONS = {"--disable-port-security": 0, "--no-security-group": 0,
           "--security-group": 1}


class Call(collections.namedtuple(
        "Call", "command method path query request status answer")):
    """A request of the recording and its answer, as lab.openstack.Call."""

    def unknown_path(self):
        """True if it asks for a collection that is not offered."""
        part = self.path.split("/")[2:3]
        return any(c in part for n in NOT_OFFERED for c in n.collections)

    def refused(self):
        """The attributes of its request that are not offered."""
        return {(kind, name) for kind, attributes in (
                    self.request or {}).items()
                if isinstance(attributes, dict)
                for name in attributes if name in hidden(kind)}

    def without_refused(self):
        """This request without what is not offered; None if it asked for
        nothing else."""
        refused = self.refused()
        if not refused:
            return self
        request = {kind: {n: v for n, v in attributes.items()
                          if (kind, n) not in refused}
                   for kind, attributes in self.request.items()}
        return self._replace(request=request) if any(
            request.values()) else None


class Command:
    """A command of the recording and the calls it made."""

    def __init__(self, text, calls):
        self.words = text.replace("(capture) ", "").split()
        self.calls = calls

    def __str__(self):
        return " ".join(self.words)

    def status(self):
        """What it exited with: 1 when its last request failed, or found
        nobody of that name."""
        last = self.calls[-1]
        nobody = last.method == "GET" and self.calls[:-1] and not any(
            last.answer.values())
        return int(last.status >= 400 or bool(nobody))

    def refused(self):
        """The options that are not offered."""
        return [w for w in self.words if w in OPTIONS]

    def offered(self):
        """False if it is about nothing that is offered."""
        return not any(c.unknown_path() for c in self.calls)

    def without_refused(self):
        """The command without those options; None if nothing is left that it
        would ask for."""
        words = iter(self.words)
        kept = []
        for word in words:
            if word in OPTIONS:
                for _ in range(OPTIONS[word]):
                    next(words)
            else:
                kept.append(word)
        calls = [c.without_refused() for c in self.calls]
        return None if None in calls else Command(" ".join(kept), calls)


def calls():
    """Returns all calls, in order."""
    found = []
    with open(PATH) as f:
        for line in f:
            call = json.loads(line)
            found.append(Call(
                call["cmd"], call["method"], call["path"],
                urllib.parse.parse_qsl(call["query"], True),
                call["req"], call["status"], call["resp"]))
    return found


def commands():
    """Returns all commands, in order, with their calls, discovery aside."""
    api = [c for c in calls() if c.path != "/"]
    return [Command(text, list(group)) for text, group
            in itertools.groupby(api, lambda c: c.command)]


def hidden(kind):
    """Returns the attributes of `kind` ("port") that are not offered."""
    return set().union(*(n.attributes.get(kind, ()) for n in NOT_OFFERED))


def hidden_aliases():
    return set().union(*(n.aliases for n in NOT_OFFERED))
