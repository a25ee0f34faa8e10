# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# ./dev deps and ./dev build.  Sourced by ./dev.
#
# Below .build: ovs-source, the Open vSwitch source unpacked; ovs and
# ovs-sanitizers, its libraries, built once; gcc, clang and sanitizers, builds
# of Sluice; logs.

ovs_tarball=/usr/src/openvswitch/openvswitch.tar.gz

packages="build-essential autoconf automake libtool pkg-config libssl-dev
    libmicrohttpd-dev libjansson-dev libsqlite3-dev libgnutls28-dev
    libcurl4-openssl-dev libcmocka-dev openvswitch-source openvswitch-switch
    python3 python3-openstackclient python3-openvswitch curl iproute2
    iputils-ping ethtool tcpdump procps xz-utils"

missing_packages () {
    local package

    for package in $packages "$@"; do
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        'install ok installed') ;;
        *) echo "$package" ;;
        esac
    done
}

# deps [PACKAGE...]: installs what is missing of what is needed and of
# PACKAGEs; silent when nothing is.
deps () {
    local missing

    command -v dpkg-query >/dev/null ||
        die "this is not Debian: install the like of:" $packages "$@"
    missing=$(missing_packages "$@" | xargs)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! can_sudo; then
        die "not root, and sudo is not available.  As root, run:
    apt-get install $missing"
    fi
    say "packages to install: $missing"
    run_stage "packages" "$out/logs/deps.log" install_packages $missing ||
        die "apt-get cannot install them"
}

# The system's own Open vSwitch need not run: nothing here uses it, so it is
# installed without being started.
install_packages () {
    as_root sh -c '
        policy=/usr/sbin/policy-rc.d
        if [ ! -e $policy ]; then
            trap "rm -f $policy" EXIT
            trap "exit 130" HUP INT TERM
            printf "#!/bin/sh\nexit 101\n" >$policy && chmod +x $policy
        fi
        export DEBIAN_FRONTEND=noninteractive
        apt-get -q -y update &&
        apt-get -q -y install --no-install-recommends "$@"' sh "$@"
}

build () {
    local variant=gcc argument

    for argument in "$@"; do
        case $argument in
        --cc=gcc) variant=gcc ;;
        --cc=clang) variant=clang ;;
        --sanitizers) variant=sanitizers ;;
        *) die "build $argument: no such option; see ./dev help" ;;
        esac
    done
    build_variant $variant
}

# Builds VARIANT (gcc, clang or sanitizers) with its tests in .build/VARIANT.
# Ends the script if that fails.
build_variant () {
    local variant=$1 dir=$out/$1 ovs=$out/ovs more=()

    case $variant in
    clang) more=(CC=clang) ;;
    sanitizers) ovs=$out/ovs-sanitizers
                more=(--enable-sanitizers 'CFLAGS=-O1 -g') ;;
    esac
    [ ! -e config.status ] ||
        die "the tree is configured in place: run make distclean first"

    stages=4 stage=0
    stage_deps $variant
    stage_source
    stage_ovs || exit 1
    run_stage "Sluice, in .build/$variant" "$out/logs/$variant.log" \
        make_all "$dir" || exit 1
}

stage_deps () {
    local more=()

    [ "$1" != clang ] || more=(clang)
    if [ -z "$(missing_packages "${more[@]}")" ]; then
        skip_stage "packages: all installed"
    else
        deps "${more[@]}"
    fi
}

stage_source () {
    if [ -e configure ] && [ ! configure.ac -nt configure ] &&
       source_is_current; then
        skip_stage "sources: unpacked"
    else
        run_stage "sources: configure script, Open vSwitch unpacked" \
            "$out/logs/source.log" prepare_source || exit 1
    fi
}

# The package may have been upgraded since.
source_is_current () {
    cmp -s "$out/ovs-source/.tarball" <(ovs_tarball_id)
}

ovs_tarball_id () {
    stat -c '%s %Y' "$ovs_tarball"
}

prepare_source () {
    set -e
    if [ ! -e configure ] || [ configure.ac -nt configure ]; then
        ./boot.sh
    fi
    if ! source_is_current; then
        rm -rf "$out"/ovs*
        mkdir -p "$out/ovs-source"
        tar xzf "$ovs_tarball" -C "$out/ovs-source" --strip-components=1
        ovs_tarball_id >"$out/ovs-source/.tarball"
    fi
}

# Uses its caller's variables.
stage_ovs () {
    if [ -e "$ovs/sluice-ovs-libs.stamp" ] && [ -e "$dir/config.status" ]; then
        skip_stage "Open vSwitch libraries: built"
    else
        local inner_logs=("$ovs/configure.log" "$ovs/sluice-build.log")
        run_stage "Open vSwitch libraries, once" \
            "$out/logs/ovs-$variant.log" make_ovs
    fi
}

make_ovs () {
    set -e
    mkdir -p "$dir"
    cd "$dir"
    "$top/configure" --with-ovs-source="$out/ovs-source" \
        --with-ovs-build="$ovs" "${more[@]}"
    make -j"$jobs" V=0 "$ovs/sluice-ovs-libs.stamp"
}

# "check" without tests makes the programs that tests need.
make_all () {
    make -j"$jobs" -C "$1" all && make -j"$jobs" -C "$1" check TESTS=
}
