# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""A client that uses Open vSwitch's IDL in Python, as others' programs do:
run by PythonIdl below with the system's Python, which has it.

It follows Networks (by a condition, once it has one) and does as it is told,
a line of JSON each: ["names"], ["insert", NAME], ["delete", NAME],
["condition", CLAUSES, NAMES], which awaits that these are there; the answer
is a line of JSON."""

import json
import os
import subprocess
import sys

PYTHON = "/usr/bin/python3"

# Seconds without an answer after which there will be none.
TIMEOUT = 30


class PythonIdl:
    """Such a client of `remote`, as a context manager."""

    def __init__(self, remote, schema):
        self.argv = [PYTHON, os.path.abspath(__file__), remote, schema]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            universal_newlines=True, start_new_session=True)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def ask(self, *command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Client:
    def __init__(self, remote, schema):
        import ovs.db.idl
        import ovs.poller
        self.ovs = ovs
        helper = ovs.db.idl.SchemaHelper(schema)
        helper.register_columns("Network", ["name", "mtu"])
        self.idl = ovs.db.idl.Idl(remote, helper, leader_only=False)

    def until(self, condition):
        while not condition():
            self.idl.run()
            if condition():
                return
            poller = self.ovs.poller.Poller()
            self.idl.wait(poller)
            poller.timer_wait(TIMEOUT * 1000)
            poller.block()

    def names(self):
        return sorted(r.name for r in self.idl.tables["Network"].rows.values())

    def rows_called(self, name):
        return [r for r in self.idl.tables["Network"].rows.values()
                if r.name == name]

    def do(self, command, *arguments):
        self.idl.run()
        if command == "condition":
            # The sequence number of its return is not always reached.
            self.idl.cond_change("Network", arguments[0])
            self.until(lambda: self.names() == arguments[1])
        elif command in ("insert", "delete"):
            return self.transact(command, *arguments)
        return self.names()

    def transact(self, command, name):
        transaction = self.ovs.db.idl.Transaction(self.idl)
        if command == "insert":
            transaction.insert(self.idl.tables["Network"]).name = name
        else:
            self.rows_called(name)[0].delete()
        return transaction.commit_block()


def main(remote, schema):
    client = Client(remote, schema)
    client.until(lambda: client.idl.has_ever_connected())
    for line in sys.stdin:
        print(json.dumps(client.do(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
