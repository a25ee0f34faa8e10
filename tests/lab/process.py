# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Commands, daemons and waiting: what the rest of the laboratory runs on.

Everything a laboratory runs, it runs through run() or Daemon, so that one
transcript (commands.log in the laboratory's directory) tells what was done
and how long it took.  A command that fails raises CommandError, which says
all there is to say: the command, its exit status and its output.

Commands are in sessions of their own: Ctrl-C reaches the laboratory alone,
which ends them as it sees fit.
"""

import collections
import os
import select
import shlex
import signal
import subprocess
import time

from . import paths, tap

# A command that takes longer hangs: the slowest real one takes a few seconds.
COMMAND_TIMEOUT = 60

# How often wait_until() looks.
POLL_SECONDS = 0.01

# File object that every command is recorded in, set by Lab.
transcript = None


class CommandError(Exception):
    """A command failed.  `status` is its exit status (negative: a signal),
    `stdout` and `stderr` what it printed."""

    def __init__(self, argv, status, stdout, stderr):
        self.argv, self.status = argv, status
        self.stdout, self.stderr = stdout, stderr
        super().__init__("%s: exit status %s\n%s%s" % (
            shlex.join(argv), status, stdout, stderr))


class WaitError(Exception):
    """A condition did not come true in time."""


def run(argv, check=True, stdin=None, env=None, timeout=COMMAND_TIMEOUT):
    """Runs `argv`, feeding it the string `stdin`, and returns its standard
    output.  `env` is added to the environment.  With `check` false a failure
    is not an error and the output is returned all the same."""
    argv = [str(a) for a in argv]
    started = time.monotonic()
    done = subprocess.run(
        argv, input=stdin, env=_environment(env), timeout=timeout,
        stdin=subprocess.DEVNULL if stdin is None else None,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        universal_newlines=True, start_new_session=True)
    record(argv, time.monotonic() - started, done.returncode, done.stderr)
    if check and done.returncode:
        raise CommandError(argv, done.returncode, done.stdout, done.stderr)
    return done.stdout


def popen(argv, env=None, **kwargs):
    """Starts `argv` and returns its subprocess.Popen, without waiting."""
    argv = [str(a) for a in argv]
    record(argv + ["&"], 0, 0, "")
    return subprocess.Popen(argv, env=_environment(env),
                            universal_newlines=True, start_new_session=True,
                            **kwargs)


def wait_until(condition, timeout=10, what="the condition"):
    """Calls condition() until it returns something true and returns that.
    Raises WaitError, naming `what`, after `timeout` seconds.  A condition
    that raises CommandError (a daemon not yet listening, say) counts as not
    yet true."""
    deadline = time.monotonic() + timeout
    while True:
        error = None
        try:
            result = condition()
            if result:
                return result
        except CommandError as e:
            error = e
        if time.monotonic() >= deadline:
            raise WaitError("waited %g s in vain for %s%s" % (
                timeout, what, "; last: %s" % error if error else ""))
        time.sleep(POLL_SECONDS)


def record(argv, seconds, status, stderr):
    """Adds a command to the transcript."""
    line = "%s %6.3fs %s%s\n" % (
        time.strftime("%H:%M:%S"), seconds, shlex.join(argv),
        " => %d" % status if status else "")
    if stderr:
        line += "".join("    %s\n" % s for s in stderr.splitlines())
    if tap.verbose:
        tap.note(line)
    if transcript:
        transcript.write(line)
        transcript.flush()


def alive(pid):
    """True if process `pid` exists and is not a zombie."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill(pid, signum=signal.SIGKILL, timeout=10):
    """Sends `signum` to process `pid`, which need not be a child, and waits
    for its end.  No error if it has ended already."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        os.kill(pid, signum)
        _await_end(fd, pid, timeout)
    except ProcessLookupError:
        pass
    finally:
        os.close(fd)


def _await_end(fd, pid, timeout):
    if not select.select([fd], [], [], timeout)[0]:
        raise WaitError("process %d does not end" % pid)


def _environment(env):
    return dict(os.environ, **env) if env else None


class Daemon:
    """One Open vSwitch style daemon: --detach, --pidfile, --unixctl.

    `netns` is where it runs, `name` names its log in `logdir`, and `argv` is
    its command line without those options.  Its pid file and control socket
    have their usual names, below `rundir`, which `env` must tell it.  start()
    returns when the daemon says it is ready."""

    def __init__(self, netns, name, argv, rundir, logdir, env):
        self.netns, self.name, self.argv = netns, name, argv
        self.rundir, self.env = rundir, env
        program = os.path.basename(argv[0])
        self.pidfile = os.path.join(rundir, program + ".pid")
        self.log = os.path.join(logdir, name + ".log")
        self.pid = None

    def start(self, *more):
        """Starts the daemon, with arguments `more` after its usual ones."""
        self.netns.run(*self.argv, *more, "--detach",
                       "--pidfile=" + self.pidfile, "--log-file=" + self.log,
                       "-vconsole:off", env=self.env)
        with open(self.pidfile) as f:
            self.pid = int(f.read())

    def stop(self):
        """Asks the daemon to exit and waits for its end.  No error if it
        does not run."""
        if self.pid is None:
            return
        pid = self.pid
        if alive(pid):
            fd = os.pidfd_open(pid)
            try:
                self.appctl("exit")
                _await_end(fd, pid, 20)
            finally:
                os.close(fd)
        self.pid = None

    def kill9(self):
        """Kills the daemon as a crash would."""
        if self.pid is not None:
            pid, self.pid = self.pid, None
            kill(pid)

    def restart(self):
        self.stop()
        self.start()

    def died(self):
        """True if the daemon should be running and is not."""
        return self.pid is not None and not alive(self.pid)

    def control_socket(self):
        """Returns the path of the daemon's unixctl socket."""
        return "%s.%s.ctl" % (self.pidfile[:-len(".pid")], self.pid)

    def appctl(self, *args, check=True):
        """Returns what the daemon answers to unixctl command `args`."""
        return run(["ovs-appctl", "-t", self.control_socket(), *args],
                   check=check)

    def cpu_seconds(self):
        """Returns the processor time the daemon has used, all threads."""
        total = 0
        for task in os.listdir("/proc/%d/task" % self.pid):
            with open("/proc/%d/task/%s/schedstat" % (self.pid, task)) as f:
                total += int(f.read().split()[0])
        return total / 1e9

    def rss_kb(self):
        """Returns the daemon's resident memory in kB."""
        with open("/proc/%d/status" % self.pid) as f:
            for line in f:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def assert_grown_less(self, before_kb, kb):
        """Fails if the daemon's memory has grown by more than `kb` since it
        was `before_kb`.  A sanitizer keeps what was freed: with one this says
        nothing."""
        now = self.rss_kb()
        assert paths.sanitized(self.argv[0]) or now - before_kb < kb, (
            "from %d kB to %d kB" % (before_kb, now))

    def coverage(self):
        """Returns the daemon's coverage counters, as a Counter of totals up
        to now."""
        # Totals are brought up to date once a second at most: that has
        # happened when the counter of these questions has gone up.
        asked = self._coverage()["unixctl_received"]

        def current():
            counters = self._coverage()
            return counters["unixctl_received"] > asked and counters
        return wait_until(current, what="%s's counters" % self.name)

    def _coverage(self):
        counters = collections.Counter()
        for line in self.appctl("coverage/show").splitlines():
            if "total:" in line:
                counters[line.split()[0]] = int(line.rpartition(":")[2])
        return counters


class Frozen:
    """A context manager: in the block, a daemon does nothing."""

    def __init__(self, daemon):
        self.pid = daemon.pid

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)
        # On several processors it may go on for a moment.
        wait_until(self._stopped, what="process %d to stop" % self.pid)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)

    def _stopped(self):
        with open("/proc/%d/stat" % self.pid) as f:
            return f.read().rpartition(")")[2].split()[0] == "T"
