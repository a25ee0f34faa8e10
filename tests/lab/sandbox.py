# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""./dev sandbox: the demo's scene, left running, with a file of shell
functions to use it by hand."""

import argparse
import glob
import os
import sys
import tempfile

from . import lab as laboratory
from . import declare, netns, paths, scene, tap

NAME = "sandbox"

ENVIRONMENT = """\
# The environment of the Sluice sandbox: source it.
export SLUICE_NB_DB=%(db)s
export PATH=%(utilities)s:$PATH
_slu_enter () {
    if [ "$(id -u)" -eq 0 ]; then nsenter "$@"; else sudo nsenter "$@"; fi
}
"""

# A function that runs a command on a hypervisor, or in a VM.
ON_HYPERVISOR = """\
%(name)s () { _slu_enter --net=%(netns)s env OVS_RUNDIR=%(dir)s "$@"; }
"""
IN_VM = """\
%(name)s () { _slu_enter --net=%(netns)s "$@"; }
"""

# What reaches the notifier, which listens in a namespace of its own.
ON_API = """\
notifier () { _slu_enter --net=%(netns)s env OVS_RUNDIR=%(dir)s "$@"; }
openstack () {
    _slu_enter --net=%(netns)s openstack --os-auth-type none \\
        --os-endpoint %(url)s "$@"
}
api () {        # api /v2.0/ports [curl's options]
    local path=$1
    shift
    _slu_enter --net=%(netns)s curl -sSN "$@" "%(url)s$path"
}
"""

USAGE = """
%(picture)s

Paste:

   . %(file)s

and then, for example:

   sluice-nbctl port-show blue2
   sluice-nbctl --wait=hv port-disable blue2
   openstack port set --disable blue2     by the OpenStack Networking API
   api '/events?resource=port'            what happens, as it happens
   notifier sluice-nbctl history port blue2
                                          what happened, who did it
   blue1 ping -c 3 10.0.0.2               a command in VM blue1
   hv1 ovs-vsctl show                     a command on hypervisor hv1
   hv1 ovs-ofctl dump-flows br-int
   hv1 ovs-appctl -t sluice-agent status

VMs: %(vms)s.
To end it: ./dev sandbox stop"""


def main():
    parser = argparse.ArgumentParser(prog="./dev sandbox",
                                     description=__doc__)
    parser.add_argument("command", choices=["start", "stop"])
    parser.add_argument("--quiet", action="store_true")
    args = parser.parse_args()
    tap.catch_signals()
    if args.command == "start":
        start()
    else:
        stop(args.quiet)


def start():
    running = environment_file()
    if running:
        sys.exit("a sandbox is running: . %s" % running)
    laboratory.remove_named(NAME)
    # With heartbeats: the API calls an agent without them dead.
    sandbox = laboratory.Lab(name=NAME, probe=5000)
    try:
        notifier = sandbox.add_notifier()
        with declare.through(notifier) as api:
            vms = scene.build(sandbox, api)
    except BaseException:
        sandbox.keep_logs()
        sandbox.remove()
        raise
    # For those who use it through sudo.
    os.chmod(sandbox.nb.socket, 0o666)
    path = write_environment(sandbox, vms)
    print(USAGE % {
        "picture": scene.PICTURE, "file": path,
        "vms": ", ".join("%s %s" % (n, vm.ip) for n, vm in vms.items())})


def stop(quiet):
    found = environment_file()
    laboratory.remove_named(NAME)
    if not quiet:
        print("sandbox ended" if found else "no sandbox is running")


def environment_file():
    """Returns the path of the running sandbox's environment, or None.  Files
    alone may be left from before the machine was started."""
    label = laboratory.prefix(NAME)
    found = glob.glob(os.path.join(tempfile.gettempdir(), label + "*", "env"))
    running = any(name.startswith(label) for name in netns.names())
    return found[0] if found and running else None


def write_environment(sandbox, vms):
    path = os.path.join(sandbox.dir, "env")
    with open(path, "w") as f:
        f.write(ENVIRONMENT % {
            "db": sandbox.nb.unix,
            "utilities": os.path.join(paths.BUILDDIR, "utilities")})
        notifier = sandbox.notifiers[0]
        f.write(ON_API % {"netns": notifier.netns.path, "url": notifier.url,
                          "dir": notifier.directory})
        for name, hypervisor in sandbox.hypervisors.items():
            f.write(ON_HYPERVISOR % {"name": name,
                                     "netns": hypervisor.netns.path,
                                     "dir": hypervisor.dir})
        for name, vm in vms.items():
            f.write(IN_VM % {"name": name, "netns": vm.netns.path})
    return path


if __name__ == "__main__":
    main()
