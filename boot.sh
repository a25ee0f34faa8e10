#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes ./configure from configure.ac, in a tree fresh from git.
cd "$(dirname "$0")" && exec autoreconf --install --force --warnings=all,no-obsolete
