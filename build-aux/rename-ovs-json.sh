#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# usage: rename-ovs-json.sh NAMES.h OUT.la IN.la...
#
# Makes OUT.la, a libtool convenience library: the static libraries of the
# uninstalled libtool libraries IN.la, and of those they depend on, in one, in
# which the symbols that NAMES.h defines to be others are those others.  Fails,
# leaving no OUT.la, if any step does.  Uses $AR and $OBJCOPY.

set -eu
names=$1 out=$2
shift 2
AR=${AR-ar} OBJCOPY=${OBJCOPY-objcopy}

# field NAME LA: prints the value of NAME in libtool library LA.
field () {
    sed -n "s/^$1='\(.*\)'\$/\1/p" "$2"
}

archives='' others=''
# collect LA...: adds to $archives the static libraries of LAs and of what they
# depend on, to $others the options for the libraries that are not libtool's.
collect () {
    for la do
        archive=$(dirname "$la")/.libs/$(field old_library "$la")
        case " $archives " in
        *" $archive "*) continue ;;
        esac
        archives="$archives $archive"
        for word in $(field dependency_libs "$la"); do
            case $word in
            *.la) collect "$word" ;;
            *) others="$others $word" ;;
            esac
        done
    done
}

rm -f "$out"
collect "$@"
dir=$(dirname "$out")/.libs name=$(basename "$out" .la)
mkdir -p "$dir"
sed -n 's/^#define \([a-z_]*\) \([a-z_]*\)$/\1 \2/p' "$names" \
    >"$dir/$name.syms"
test -s "$dir/$name.syms"

# ar's scripts take hardly a character in the names of files: links.
merge=$(mktemp -d "$dir/merge.XXXXXX")
trap 'rm -rf "$merge"' EXIT
number=0
{
    echo "CREATE all.a"
    for archive in $archives; do
        number=$((number + 1))
        ln -s "$(cd "$(dirname "$archive")" && pwd)/$(basename "$archive")" \
            "$merge/$number.a"
        echo "ADDLIB $number.a"
    done
    printf 'SAVE\nEND\n'
} >"$merge/script"
(cd "$merge" && "$AR" -M <script)
"$OBJCOPY" --redefine-syms="$dir/$name.syms" "$merge/all.a" "$dir/$name.a"

# Without a libdir it is a convenience library.
sed -e "s/^old_library=.*/old_library='$name.a'/" \
    -e "s|^dependency_libs=.*|dependency_libs='$others'|" \
    -e "s/^libdir=.*/libdir=''/" "$1" >"$out.tmp"
mv "$out.tmp" "$out"
