# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A tiny producer of TAP, the Test Anything Protocol, for system tests.

A test script registers its cases and ends with tap.main():

    from lab import Lab, tap

    @tap.case("a disabled port is silent", timeout=30)
    def disabled_port():
        with Lab() as lab:
            ...
            assert got == 0, "%d packets came through" % got

    tap.main()

Each case runs by itself under its own timeout, in the order written.  A case
fails by raising anything; the traceback goes out as diagnostics and the script
exits 1.  The plan comes last.  When the machine cannot run system tests at all
the script says so as a whole ("1..0 # SKIP reason"), exit 0.

The command line takes substrings of case names to run those alone, -l to list
the cases, and -v to echo every command the laboratory runs.
"""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import time
import traceback

DEFAULT_TIMEOUT = 60

# As shells say that Ctrl-C ended a command.
INTERRUPTED_STATUS = 130

# Set by -v: commands run by the laboratory are echoed as diagnostics.
verbose = False

# The name of the case being run, which names the logs kept when it fails.
current = None

_cases = []


class Skip(Exception):
    """Raised by a case that cannot run here; the text says why."""


class Timeout(Exception):
    """Raised in a case that outlives its timeout."""


class Interrupted(Exception):
    """Raised in a case by SIGTERM or SIGHUP, so that it cleans up."""


def case(name, timeout=DEFAULT_TIMEOUT):
    """Registers the decorated function as a case called `name`, which fails
    after `timeout` seconds."""
    def register(function):
        _cases.append((name, timeout, function))
        return function
    return register


def note(text):
    """Prints `text` as diagnostics: kept in the log, ignored by harnesses."""
    for line in str(text).splitlines() or [""]:
        print("# " + line)
    sys.stdout.flush()


def catch_signals():
    """Makes SIGTERM and SIGHUP raise Interrupted, as SIGINT raises
    KeyboardInterrupt."""
    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _on_signal)


@contextlib.contextmanager
def uninterrupted():
    """A block that a second Ctrl-C does not leave halfway."""
    signums = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    saved = {s: signal.signal(s, signal.SIG_IGN) for s in signums}
    try:
        yield
    finally:
        for signum, handler in saved.items():
            signal.signal(signum, handler)


def main(tools=("ip", "nsenter", "ss", "ethtool", "ping", "ovs-vsctl",
                "ovsdb-server", "ovs-vswitchd")):
    """Runs the registered cases and exits.  The script is skipped as a whole
    when not run by root or when one of `tools` is not installed."""
    global verbose

    args = _parse_args()
    verbose = args.verbose
    if args.list:
        for name, _, _ in _cases:
            print(name)
        sys.exit(0)

    reason = _why_not_here(tools)
    if reason:
        print("1..0 # SKIP " + reason)
        sys.exit(0)

    catch_signals()
    signal.signal(signal.SIGALRM, _on_alarm)

    selected = [c for c in _cases
                if not args.filter or any(f in c[0] for f in args.filter)]
    failed = 0
    for number, (name, timeout, function) in enumerate(selected, 1):
        if not _run(number, name, timeout, function):
            failed += 1
    print("1..%d" % len(selected))
    sys.exit(1 if failed or not selected else 0)


def _run(number, name, timeout, function):
    global current

    current = name
    started = time.monotonic()
    result, suffix = "ok", ""
    signal.setitimer(signal.ITIMER_REAL, timeout)
    try:
        function()
    except Skip as e:
        suffix = " # SKIP %s" % e
    except (KeyboardInterrupt, Interrupted):
        signal.setitimer(signal.ITIMER_REAL, 0)
        print("Bail out! interrupted in: %s" % name)
        sys.exit(INTERRUPTED_STATUS)
    except BaseException:
        result = "not ok"
        note(traceback.format_exc())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    note("%s: %.1f s" % (name, time.monotonic() - started))
    print("%s %d - %s%s" % (result, number, name, suffix), flush=True)
    return result == "ok"


def _parse_args():
    parser = argparse.ArgumentParser(
        description="Runs the cases whose names contain one of the filters "
                    "(all by default) and reports in TAP.")
    parser.add_argument("filter", nargs="*", help="part of a case's name")
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="echo each command run")
    parser.add_argument("-l", "--list", action="store_true",
                        help="list the cases")
    return parser.parse_args()


def _why_not_here(tools):
    if os.geteuid() != 0:
        return "network namespaces need root"
    # Not everybody has the sbin directories in PATH.
    os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"
    missing = [t for t in tools if not shutil.which(t)]
    if missing:
        return "not installed: " + ", ".join(missing)
    return None


def _on_alarm(_signum, _frame):
    # Should the clean-up that follows hang too, it is interrupted likewise.
    signal.setitimer(signal.ITIMER_REAL, 30)
    raise Timeout("the case took too long")


def _on_signal(signum, _frame):
    raise Interrupted(signal.Signals(signum).name)
