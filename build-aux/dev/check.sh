# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# ./dev check.  Sourced by ./dev.
#
# Tests are run by "make check", which leaves a .trs file for each test with
# the results of its cases; those are what is counted here.  A step that is no
# test (the build with clang, distcheck) counts as one.

passed=0 failed=0 skipped=0
failures=()                     # One line each.
repeated=()                     # Tests that were run a second time.
everything=no                   # Is it --all?

check () {
    local rings=() names=() extras=() argument ring extra

    for argument in "$@"; do
        case $argument in
        unit | system | random) rings+=("$argument") ;;
        sanitizers | clang | distcheck) extras+=("$argument") ;;
        --all) extras=(sanitizers clang distcheck) everything=yes ;;
        -*) die "check $argument: no such option; see ./dev help" ;;
        *) names+=("$argument") ;;
        esac
    done
    if [ ${#rings[@]} -eq 0 ] &&
       { [ ${#extras[@]} -eq 0 ] || [ "${1-}" = --all ]; }; then
        rings=(unit system random)
    fi

    build_variant gcc
    stages=${#rings[@]} stage=0
    for ring in "${rings[@]}"; do
        run_ring gcc "$ring" "${names[@]}"
    done
    for extra in "${extras[@]}"; do
        "extra_$extra" "${names[@]}"
    done
    summary
}

extra_sanitizers () {
    local ring

    say "Sanitizers:"
    build_variant sanitizers
    stages=3 stage=0
    for ring in unit system random; do
        run_ring sanitizers $ring "$@"
    done
}

extra_clang () {
    say "clang:"
    (build_variant clang) && count_step "build with clang" 0 ||
        count_step "build with clang: .build/logs/clang.log" 1
}

# The tests have been run at length by now: of the distribution, those that
# show that everything is in it.
extra_distcheck () {
    local log=$out/logs/distcheck.log status=0

    say "Distribution:"
    stages=1 stage=0
    run_stage "make distcheck" "$log" make -C "$out/gcc" -j"$jobs" distcheck \
        TESTS="$(ring_tests gcc unit) tests/system-lab.py" \
        DISTCHECK_CONFIGURE_FLAGS="--with-ovs-source=$out/ovs-source \
            --with-ovs-build=$out/ovs" || status=1
    count_step "make distcheck: ${log#"$top"/}" $status
}

# count_step NAME STATUS
count_step () {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        failures+=("$1")
    fi
}

# run_ring VARIANT RING [NAME...]
run_ring () {
    local variant=$1 ring=$2 dir=$out/$1 tests p0=$passed f0=$failed
    local s0=$skipped log=$out/logs/check-$1-$2.log test tail_lines=0
    shift 2

    tests=$(ring_tests "$variant" "$ring" "$@")
    if [ -z "$tests" ]; then
        skip_stage "$ring tests: none${1:+ of that name}"
        return
    fi
    # What fails is told below, from the results of the tests.
    run_stage "$ring tests" "$log" run_tests "$dir" "$tests" ||
        run_again "$variant" "$ring" "$tests"
    for test in $tests; do
        count_test "$variant" "$test"
    done
    say "      $((passed - p0)) passed, $((failed - f0)) failed," \
        "$((skipped - s0)) skipped"
}

# ring_tests VARIANT RING [NAME...]: prints the ring's tests whose names
# contain one of NAMEs; without, all but those that is_left_out.
ring_tests () {
    local variable=${2^^}_TESTS variant=$1 dir=$out/$1 all test name
    shift 2

    all=$(make -s -C "$dir" --no-print-directory \
        --eval="dev-print: ; @echo \$($variable)" dev-print)
    for test in $all; do
        [ $# -gt 0 ] || is_left_out "$variant" "$test" || echo "$test"
        for name in "$@"; do
            case ${test##*/} in *"$name"*) echo "$test"; break ;; esac
        done
    done | xargs
}

# is_left_out VARIANT TEST: of a test that there is twice, with agents at the
# database and behind the OVSDB door, sanitizers get the former; and if they get
# it, that is, with --all, the plain build gets the latter alone.  Of other long
# tests, with --all, the plain build gets those in which packets are counted
# while something moves, and sanitizers those in which odd things are said.
is_left_out () {
    case $1:${2##*/} in
    sanitizers:*behind-door* | sanitizers:*door-operations*) return 0 ;;
    sanitizers:*overlay-moves* | sanitizers:*overlay-answers* | \
    sanitizers:*overlay-growth*) return 0 ;;
    gcc:*behind-door*) return 1 ;;
    gcc:random-operations.py | gcc:random-overlay.py | gcc:*overlay-faults* | \
    gcc:*agent-show* | gcc:*agent-trace*) [ "$everything" = yes ] ;;
    gcc:system-*)
        [ "$everything" = yes ] &&
            [ -e "${2%/*}/system-behind-door-${2##*/system-}" ] ;;
    *) return 1 ;;
    esac
}

# run_again VARIANT RING TESTS: runs those of TESTS that failed once more, one
# at a time: tests share the machine with each other, and a laboratory that had
# no time to work says nothing about what it tests.  The summary names them, and
# their first logs are kept, so that a test that often needs it is seen.
run_again () {
    local variant=$1 ring=$2 tests=$3 dir=$out/$1 test base again=()

    for test in $tests; do
        base=$dir/${test%.py}
        if ! [ -f "$base.trs" ] ||
           grep -qE '^:test-result: (FAIL|XPASS|ERROR)' "$base.trs"; then
            again+=("$test")
            cp "$base.log" "$base.first.log" 2>/dev/null || :
        fi
    done
    [ ${#again[@]} -gt 0 ] || return 0
    say "      failed beside others, run again alone: ${again[*]}"
    repeated+=("${again[@]/#/$variant }")
    stages=$((stages + 1))
    jobs=1 run_stage "$ring tests again" \
        "$out/logs/check-$variant-$ring-again.log" \
        run_tests "$dir" "${again[*]}" || :
}

# A user's files stay the user's.
run_tests () {
    local dir=$1 tests=$2 status=0

    remove_results "$dir" "$tests"
    as_root make -C "$dir" -j"$jobs" check TESTS="$tests" || status=1
    [ "$(id -u)" -eq 0 ] || as_root chown -R "$(id -u):$(id -g)" "$dir"
    return $status
}

remove_results () {
    local test

    for test in $2; do
        rm -f "$1/${test%.py}.trs" "$1/${test%.py}.log"
    done
}

# Counts the cases of a test.  The driver adds an ERROR for the exit status of
# a test with a failed case; that is no further failure.
count_test () {
    local base=$out/$1/${2%.py} result n=0 bad=0

    for result in $(sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' \
        "$base.trs" 2>/dev/null); do
        n=$((n + 1))
        case $result in
        PASS | XFAIL) passed=$((passed + 1)) ;;
        SKIP) skipped=$((skipped + 1)) ;;
        FAIL | XPASS) bad=$((bad + 1)) ;;
        esac
    done
    if [ $n -eq 0 ] || { [ $bad -eq 0 ] && grep -q '^:test-result: ERROR' \
        "$base.trs"; }; then
        bad=$((bad + 1))
    fi
    [ $bad -gt 0 ] || return 0
    failed=$((failed + bad))
    failures+=("${base#"$top"/}.log")
    while read -r result; do
        failures+=("    $result")
    done < <(sed -n -e 's/^FAIL: [^ ]* [0-9]* - //p' \
        -e 's/^ERROR: [^ ]* - //p' -e 's/^# \(logs kept in .*\)/\1/p' \
        "$base.log" 2>/dev/null)
}

summary () {
    local failure

    if [ ${#failures[@]} -gt 0 ]; then
        say "Failed:"
        for failure in "${failures[@]}"; do
            say "  $failure"
        done
    fi
    if [ ${#repeated[@]} -gt 0 ]; then
        say "Run a second time, alone (first logs: *.first.log):"
        printf '  %s\n' "${repeated[@]}"
    fi
    say "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
