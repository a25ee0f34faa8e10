#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""No symbol is defined twice in what a program is linked from.

The linker takes the first definition it meets in a library and says nothing
of a second one: calls then go to the wrong function.  (libopenvswitch and
jansson both define json_object(), for one: see build-aux/ovs-json-names.h.)
So every global symbol of the objects, of the static libraries, whole, and of
the shared libraries that the program loads has to have one definition among
the first two kinds.  Speaks TAP; needs nm, and a C compiler to test itself.
"""

import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

BUILDDIR = os.environ.get("SLUICE_BUILDDIR", os.getcwd())

# What each program is linked from: objects and libtool libraries.
PROGRAMS = {
    "notifier/sluice-notifier": ["notifier/sluice_notifier-sluice-notifier.o",
                                 "notifier/libsluice-notifier.la",
                                 "lib/libsluice-util.la",
                                 "lib/libopenvswitch-renamed.la"],
    "ovs-agent/sluice-agent": ["ovs-agent/sluice-agent.o",
                               "ovs-agent/libsluice-agent.la",
                               "lib/libsluice.la"],
}

# Those that load jansson, for which Open vSwitch's libraries are renamed.
USE_JANSSON = {"notifier/sluice-notifier"}


def run(*argv):
    return subprocess.run(argv, check=True, stdout=subprocess.PIPE,
                          universal_newlines=True).stdout


def archives(la, seen):
    """Adds to the list `seen` the static library that `la` stands for and
    those it depends on in turn."""
    with open(la) as f:
        text = f.read()
    name = re.search(r"^old_library='(.*)'", text, re.M).group(1)
    path = os.path.join(os.path.dirname(la), ".libs", name)
    if path in seen:
        return
    seen.append(path)
    for word in re.search(r"^dependency_libs='(.*)'", text,
                          re.M).group(1).split():
        if word.endswith(".la"):
            archives(os.path.join(BUILDDIR, word), seen)


def inputs(program):
    """Returns the objects and static libraries `program` is linked from."""
    files = []
    for name in PROGRAMS[program]:
        path = os.path.join(BUILDDIR, name)
        if path.endswith(".la"):
            archives(path, files)
        else:
            files.append(path)
    return files


def shared_libraries(program):
    """Returns the shared libraries `program` loads, but for those of the
    sanitizers, which define what they watch over again on purpose."""
    paths = re.findall(r"=> (/\S+)", run("ldd", program))
    return [p for p in paths if not re.search(r"/lib[a-z]+san\.so", p)]


def definitions(path, *options):
    """Yields the file or archive member and the name of each global symbol
    that `path` defines, but for weak ones."""
    for line in run("nm", "-P", "-A", "-g", "--defined-only", *options,
                    path).splitlines():
        where, symbol = line.rsplit(": ", 1)
        name, kind = symbol.split()[:2]
        if kind in "TDBRCGSu" and not name.startswith("__odr_asan"):
            yield where, name.split("@")[0]


def defined_twice(static, shared):
    """Returns a line for each symbol that the files in `static` define, and
    that they or those in `shared` define again."""
    places = collections.defaultdict(list)
    for path in static:
        for where, name in definitions(path):
            places[name].append(where)
    own = set(places)
    for path in shared:
        for where, name in definitions(path, "-D"):
            if name in own:
                places[name].append(where)
    return ["%s: %s" % (name, ", ".join(where))
            for name, where in sorted(places.items()) if len(where) > 1]


def check_program(program):
    static = inputs(program)
    shared = shared_libraries(os.path.join(BUILDDIR, program))
    # Were these not among them, nothing would have been looked at.
    assert any("libopenvswitch" in p for p in static), static
    assert any("libc.so" in p for p in shared), shared
    if program in USE_JANSSON:
        assert any("libjansson.so" in p for p in shared), shared
    twice = defined_twice(static, shared)
    assert not twice, "\n".join(twice)


def compile_library(directory, name, source, shared):
    path = os.path.join(directory, name)
    compiler = shutil.which("cc") or shutil.which("gcc") or "clang"
    with open(path + ".c", "w") as f:
        f.write(source)
    run(compiler, "-w", "-fPIC", "-c", path + ".c", "-o", path + ".o")
    if shared:
        run(compiler, "-shared", path + ".o", "-o", path + ".so")
        return path + ".so"
    run("ar", "rc", path + ".a", path + ".o")
    return path + ".a"


def check_self():
    """Two definitions are found, wherever the second is, and one is not."""
    with tempfile.TemporaryDirectory() as directory:
        one = compile_library(directory, "one", "int twice() { return 1; }"
                              "int here; static int hidden;", False)
        two = compile_library(directory, "two", "int twice() { return 2; }"
                              "int there; static int hidden;", False)
        three = compile_library(directory, "three",
                                "int twice() { return 3; }"
                                "int elsewhere;", True)
        assert defined_twice([one], []) == []
        for found in defined_twice([one, two], []), defined_twice([one],
                                                                  [three]):
            assert [f.split(":")[0] for f in found] == ["twice"], found


def main():
    cases = [("two definitions of a symbol are found", check_self)]
    for program in sorted(PROGRAMS):
        cases.append(("%s has one definition of each symbol" % program,
                      lambda program=program: check_program(program)))
    failed = False
    print("1..%d" % len(cases))
    for number, (name, function) in enumerate(cases, 1):
        result = "ok"
        try:
            function()
        except Exception:
            failed, result = True, "not ok"
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        print("%s %d - %s" % (result, number, name), flush=True)
    sys.exit(1 if failed else 0)


main()
