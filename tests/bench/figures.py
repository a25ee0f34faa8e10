# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""The figures of agents' fan-out, as a table and as a picture."""

import statistics

from . import chart, peers, report

HEADINGS = (
    "agents", "connected to", "CPU per change", "times the notifier's",
    "sent to told, p50 / p99", "bytes to others", "first sync, s (CPU, s)",
    "changed condition (CPU)", "reconnect of all, s (CPU, s)", "memory, MB")


def median_cpu(figures, key="cpu"):
    """Returns the median over the rounds of the door's processor time and of
    the northbound server's, in seconds."""
    return [statistics.median(r[key][i] for r in figures["rounds"])
            for i in range(2)]


def pooled(figures, key):
    return [v for r in figures["rounds"] for v in r[key]]


def plus(pair, form):
    """Writes the door's figure and, if that is another process, the
    northbound server's."""
    return " + ".join(form % v for i, v in enumerate(pair) if v or not i)


def cells(figures, notifier):
    """Returns a row of the table.  `notifier` has the notifier's figures with
    as many agents, if it was measured."""
    if not figures["rounds"]:
        return ("{:,}".format(figures["agents"]),
                peers.PEERS[figures["peer"]].name, "", "", "", "",
                figures["first_sync"], "", "", "")
    cpu = median_cpu(figures)
    star = "*" if figures.get("small") else ""
    moves = pooled(figures, "move_us")
    condition = "" if star else "%s (%s)" % (
        report.milliseconds(statistics.median(moves)),
        plus([c * 1e3 for c in median_cpu(figures, "move_cpu")], "%.2f"))
    return ("{:,}".format(figures["agents"]),
            peers.PEERS[figures["peer"]].name,
            plus([c * 1e3 for c in cpu], "%.3f") + star,
            ratio(cpu, notifier), latency(figures) + star,
            sum(pooled_bytes(figures)), sync(figures["first_sync"]),
            condition, sync(figures.get("reconnect", "")),
            "" if star else plus(
                [kb / 1024 for kb in reversed(figures["memory"])], "%.0f"))


def ratio(cpu, notifier):
    """Writes how many times the notifier's processor time this is: the
    door's alone, and of both processes."""
    base = median_cpu(notifier) if notifier else [0]
    if not base[0]:
        return ""
    return "%.1f (%.1f)" % (cpu[0] / base[0], sum(cpu) / sum(base))


def latency(figures):
    sent = pooled(figures, "sent_us")
    return " / ".join(report.milliseconds(report.percentile(sent, p))
                      for p in (50, 99))


def pooled_bytes(figures):
    return [r["bytes_to_others"] for r in figures["rounds"]]


def sync(got):
    """Writes a first sync or a reconnect."""
    if isinstance(got, str):
        return got
    some = ", {:,} of them".format(got["agents"]) if "agents" in got else ""
    return "%.1f (%s)%s" % (got["seconds"], plus(got["cpu"], "%.1f"), some)


def picture(figures, names):
    lines = []
    for name in names:
        lines.append((peers.PEERS[name].name, [
            (f["agents"], max(median_cpu(f)[0] * 1e3, 1e-4),
             bool(f.get("small")))
            for f in figures if f["peer"] == name and f["rounds"]]))
    hollow = any(p[2] for _, line in lines for p in line)
    return chart.draw(
        "Processor time of the process that agents are connected to",
        "agents connected" + (", hollow: with a small database"
                              if hollow else ""),
        "ms per change that concerns one agent", lines)
