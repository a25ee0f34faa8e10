# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# Puts right what ovsdb-doc writes about a schema that is not Open vSwitch's
# own, and what formatters complain of.

# The program that the page belongs to.
s/^\.TH \(.*\)"Open vSwitch \(.*\)" "Open vSwitch Manual"/.TH \1"Sluice \2" "Sluice Manual"/

# The unit of an inch is "i".
s/^\(\.TQ [0-9.]*\)in$/\1i/
s/^\(\.RS -*[0-9.]*\)in$/\1i/
s/^\(\.IP "Table" 1\)in$/\1i/
s/^\(\.  RS -0\.15\)in$/\1i/

# A quote that is never closed.
s/^\(\.SS "[A-Za-z]*:\)$/\1"/

# Examples are to be pasted: straight quotes, and a fixed-width font that
# every formatter knows.
/^\\fL/s/\\(cq/\\(aq/g
s/\\fL/\\f(CR/g

# An empty string among the values that are allowed.
s/one of \\fB\\fR, /one of the empty string, /
