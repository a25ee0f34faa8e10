# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The laboratory: a northbound database and hypervisors, with real parts, in
network namespaces of their own."""

import glob
import os
import re
import shutil
import sys
import tempfile

from . import netns, paths, process, tap
from .agentsdoor import AgentsDoor, door_kind
from .hypervisor import MGMT_DEVICE, Hypervisor
from .northbound import Northbound
from .notifier import HTTP_PORT, Notifier
from .underlay import Underlay

# Management addresses: the NB has the first, hypervisors those that follow.
MGMT_NET = "172.31.%d.%d"

# An agent told so sends nothing by itself: no keepalive, and a heartbeat a
# day.
QUIET = {"sluice_remote_probe_interval": 0,
         "sluice_heartbeat_interval": 86400}

# What a daemon's log must not contain.
BAD_LOG = re.compile(r"\|EMER\||assertion .* failed")

# Ends of a laboratory that leave nothing to look into.
NO_FAILURE = (tap.Skip, tap.Interrupted, KeyboardInterrupt)

_numbers = iter(range(1000000))


class LabError(Exception):
    """Something is wrong with a laboratory at its end that no case noticed:
    a daemon died, or a sanitizer complained."""


class Lab:
    """A laboratory, to be used as a context manager:

        with Lab() as lab:
            hv1 = lab.add_hypervisor("hv1")

    It starts with the NB running.  At the end of the block all is ended and
    removed.  When the block fails, or something died in it, the logs are kept
    and their place is printed.

    Its agents connect to the NB or, with SLUICE_TEST_DOOR=notifier in the
    environment, to the OVSDB door of a sluice-notifier in front of it, which
    is `door` then.

    `name` replaces the process id in the prefix of namespace names.  `agents`
    false makes hypervisors without sluice-agent.  `probe`, in milliseconds,
    makes NB and agents probe their connections and agents send heartbeats;
    by default nothing but data crosses."""

    def __init__(self, name=None, agents=True, probe=0):
        sweep()
        self.agents = agents
        self.probe = probe
        self.case = tap.current
        # In a test, though not in a benchmark, agents check each step.
        self.agent_options = ["--self-check"] if tap.current else []
        self.prefix = prefix(name) if name else prefix(
            "%d.%d" % (os.getpid(), next(_numbers)))
        self.namespaces = []
        self.hypervisors = {}
        self.notifiers = []
        self.macs = 0
        self.dir = tempfile.mkdtemp(prefix=self.prefix)
        os.chmod(self.dir, 0o755)
        process.transcript = open(os.path.join(self.dir, "commands.log"), "w")
        _sanitizer_environment(self.dir)
        try:
            self._make_management()
            self.nb = Northbound(self.mgmt, MGMT_NET % (0, 1),
                                 os.path.join(self.dir, "nb"), probe)
            self.nb.start()
            self.door = None
            if door_kind():
                self.door = AgentsDoor(self.mgmt, self.nb, MGMT_NET % (0, 1),
                                       os.path.join(self.dir, "door"))
                self.door.start()
        except BaseException:
            self.keep_logs()
            self.remove()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.stop()
                self.check()
            elif not issubclass(kind, NO_FAILURE):
                self.keep_logs()
        except BaseException:
            self.keep_logs()
            raise
        finally:
            self.remove()

    def netns(self, name):
        """Returns a new network namespace, `name` after the prefix."""
        made = netns.Netns(self.prefix + name)
        self.namespaces.append(made)
        return made

    def add_hypervisor(self, name=None, agent=None, underlay=None,
                       **settings):
        """Starts a hypervisor.  `settings` are more keys of
        Open_vSwitch.external_ids (sluice_bridge_mappings="physnet:br-phys");
        `agent` false leaves the agent out (start it by start_agent()).  With
        an `underlay` it is joined to that before the agent starts, and its
        address there is its sluice_encap_ip."""
        if self.probe == 0:
            settings = dict(QUIET, **settings)
        number = len(self.hypervisors) + 2
        name = name or "hv%d" % (number - 1)
        address = MGMT_NET % (number // 250, number % 250)
        hypervisor = Hypervisor(self, name, address,
                                (self.door or self.nb).remote, settings)
        self.hypervisors[name] = hypervisor
        self._attach_management(hypervisor.netns, name, address)
        if underlay:
            hypervisor.configure(**dict(
                {"sluice_encap_ip": underlay.join(hypervisor)}, **settings))
        if self.agents if agent is None else agent:
            hypervisor.start_agent()
        return hypervisor

    def add_notifier(self, start=True, **settings):
        """Starts a notifier beside the NB (`start` false: makes one to be
        started by its start()).  `settings` are more of Notifier's."""
        number = len(self.notifiers)
        settings.setdefault("port", HTTP_PORT + number)
        notifier = Notifier(
            self.mgmt, self.nb, "notifier%d" % (number + 1),
            os.path.join(self.dir, "notifier%d" % (number + 1)), **settings)
        self.notifiers.append(notifier)
        if start:
            notifier.start()
        return notifier

    def add_wire(self, name="wire"):
        """Returns a new Wire, to join bridges of physical networks."""
        return Wire(self.netns(name))

    def add_underlay(self, version=4, mtu=None):
        """Returns a new Underlay, of addresses of IP `version`, with another
        than the usual MTU if `mtu` is not None."""
        return Underlay(self.add_wire("underlay%d" % version), version, mtu)

    def next_mac(self):
        """Returns a MAC that is nobody else's here."""
        self.macs += 1
        return "0a:00:00:%02x:%02x:%02x" % (
            self.macs >> 16, self.macs >> 8 & 255, self.macs & 255)

    def daemons(self):
        daemons = [d for hv in self.hypervisors.values()
                   for d in hv.daemons()]
        doors = [self.door] if self.door else []
        return daemons + self.notifiers + doors + [self.nb.daemon]

    def stop(self):
        """Stops all daemons in order, agents first."""
        self.check_alive()
        for daemon in self.daemons():
            daemon.stop()

    def check_alive(self):
        """Raises LabError if a daemon that should be running is not."""
        dead = [d.log for d in self.daemons() if d.died()]
        if dead:
            raise LabError("died: " + ", ".join(dead))

    def check(self):
        """Raises LabError if a daemon complained badly before its end."""
        complaints = []
        for path in glob.glob(os.path.join(self.dir, "sanitizer.*")):
            with open(path, errors="replace") as f:
                complaints.append(f.read())
        for path in glob.glob(os.path.join(self.dir, "*", "*.log")):
            with open(path, errors="replace") as f:
                complaints += [line for line in f if BAD_LOG.search(line)]
        if complaints:
            raise LabError("".join(complaints))

    def keep_logs(self):
        """Copies the laboratory's directory to where logs are kept and says
        where that is."""
        script = os.path.splitext(os.path.basename(sys.argv[0]))[0]
        label = re.sub(r"[^A-Za-z0-9]+", "-", self.case or self.prefix)
        kept = os.path.join(paths.LOGSDIR, "%s-%s" % (script or "python",
                                                      label.strip("-")))
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.dir, kept, ignore=_not_plain)
        tap.note("logs kept in " + kept)

    def remove(self):
        """Kills and removes everything the laboratory made."""
        process.transcript = None
        with tap.uninterrupted():
            _remove(lambda name: name.startswith(self.prefix))

    def _make_management(self):
        self.mgmt = self.netns("mgmt")
        # Without an address of its own it would take that of a port, and when
        # a hypervisor is added another: those there are would talk to nobody.
        self.mgmt.ip("link add br0 address 0a:ac:1f:00:00:01 type bridge",
                     "link set br0 up",
                     "addr add %s/16 dev br0" % (MGMT_NET % (0, 1)))

    def _attach_management(self, namespace, name, address):
        netns.veth(namespace, MGMT_DEVICE, self.mgmt, name)
        self.mgmt.ip("link set %s master br0" % name)
        namespace.ip("addr add %s/16 dev %s" % (address, MGMT_DEVICE))


class Wire:
    """A physical network: a Linux bridge that passes tagged frames as they
    are.  See Hypervisor.add_physical()."""

    def __init__(self, namespace):
        self.netns = namespace
        self.netns.ip("link add wire type bridge", "link set wire up")

    def attach(self, device):
        """Adds `device` of the wire's namespace to it."""
        self.netns.ip("link set %s master wire" % device)

    def detach(self, device):
        """Takes `device` off it.  At the other end nobody notices: it stays
        up."""
        self.netns.ip("link set %s nomaster" % device)


def prefix(label):
    """Returns what the names of a laboratory's namespaces and directory begin
    with; `label` is its name, or PID.NUMBER."""
    return "slu%s-" % label


def remove_named(name):
    """Kills and removes what is left of a laboratory with a name."""
    _remove(lambda found: found.startswith(prefix(name)))


def sweep():
    """Removes what laboratories left behind whose process was killed."""
    _remove(_is_stale)


def _remove(condition):
    names = list(filter(condition, netns.names()))
    # All before any namespace goes: none of them complains of another's end.
    for name in names:
        netns.kill_all(name)
    for name in names:
        netns.destroy(name)
    directories = os.path.join(tempfile.gettempdir(), prefix("*") + "*")
    for path in glob.glob(directories):
        if condition(os.path.basename(path)):
            shutil.rmtree(path, ignore_errors=True)


def _is_stale(name):
    owner = re.match(prefix(r"(\d+)\.\d+"), name)
    return bool(owner) and not process.alive(int(owner.group(1)))


def _sanitizer_environment(directory):
    log = "log_path=" + os.path.join(directory, "sanitizer")
    for variable, options in (
            ("ASAN_OPTIONS", "detect_leaks=1:disable_coredump=0"),
            ("UBSAN_OPTIONS", "print_stacktrace=1")):
        os.environ[variable] = options + ":" + log


def _not_plain(directory, entries):
    return [e for e in entries
            if not os.path.isdir(os.path.join(directory, e))
            and not os.path.isfile(os.path.join(directory, e))]
