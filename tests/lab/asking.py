# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Asking an agent what it tells people."""

import json


def rows(hv, *command):
    """Returns the rows that the agent of `hv` answers, as dicts."""
    answer = json.loads(hv.agent.appctl(*command, "-f", "json"))
    return [dict(zip(answer["headings"], row)) for row in answer["data"]]


def settled(hv):
    """Waits until the counters of hv's flows tell of all packets there
    were."""
    for _ in range(2):
        hv.vswitchd.appctl("revalidator/wait")
