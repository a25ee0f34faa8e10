# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""Tests of a server of the OVSDB protocol that stands in front of the
northbound database: what it tells its clients is held against what
ovsdb-server tells the same clients.

    servers.py     the server under test: the notifier, a relay, or
                   ovsdb-server itself
    client.py      a connection that is read when somebody asks for it
    schema.py      columns, their types and values, differences of values
    conditions.py  what a monitor's condition means, and random ones
    replica.py     a client's copy, built from updates and from nothing else
    sessions.py    the same session at both servers
    requests.py    random monitor requests
    writer.py      random transactions
    run.py         one run of the randomised test
"""
