# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.
#
# What ./dev is made of: messages, root, and stages a person can follow.
# Sourced by ./dev.

# Set by the command that runs stages: how many there are; and which one is on.
stages=0
stage=0

jobs=$(nproc 2>/dev/null || echo 2)

die () {
    echo "dev: $*" >&2
    exit 1
}

say () {
    echo "$*"
}

# Runs a command as root: directly, or through sudo.
as_root () {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif can_sudo; then
        sudo "$@"
    else
        die "this needs root, and sudo is not available: $*"
    fi
}

# True if sudo works, asking for a password if there is someone to ask.
can_sudo () {
    command -v sudo >/dev/null || return 1
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }
}

# Says that the next stage needs nothing done.
skip_stage () {
    stage=$((stage + 1))
    say "[$stage/$stages] $1"
}

# Logs that a stage's command writes besides its own, to show progress from.
inner_logs=()

# How many of a log's last lines are shown when its stage fails.
tail_lines=30

# run_stage TITLE LOG COMMAND...: runs the command with its output in file LOG,
# showing how long it has taken and the last line of the log.  If it fails,
# shows the end of the log and returns 1.
run_stage () {
    local title=$1 log=$2 begun=$SECONDS pid status=0
    shift 2
    stage=$((stage + 1))
    mkdir -p "$(dirname "$log")"
    : >"$log"
    say "[$stage/$stages] $title (log: ${log#"$top"/})"

    # A process group of its own, so that Ctrl-C ends all of it.
    set -m
    "$@" >>"$log" 2>&1 </dev/null &
    pid=$!
    set +m
    trap 'interrupt $pid' INT TERM
    follow "$pid" "$log" "$begun"
    wait "$pid" || status=$?
    trap - INT TERM

    if [ $status -ne 0 ]; then
        tail -n "$tail_lines" "$log" | sed 's/^/    /' >&2
        say "      failed after $((SECONDS - begun)) s, see ${log#"$top"/}" >&2
        return 1
    fi
    say "      $((SECONDS - begun)) s"
}

# Ends process group PID, what runs in it through sudo too, and this script.
interrupt () {
    kill -TERM -- "-$1" 2>/dev/null || :
    [ "$(id -u)" -eq 0 ] || sudo -n kill -TERM -- "-$1" 2>/dev/null || :
    wait "$1" || :
    exit 130
}

# Shows progress until process PID ends: on a terminal in a line that is
# written again and again, elsewhere a line now and then.
follow () {
    local pid=$1 log=$2 begun=$3 width last next=30

    while kill -0 "$pid" 2>/dev/null; do
        read -r -t 0.5 <> <(:) || :     # A pause without a process.
        last=$(newest=$(ls -t "$log" "${inner_logs[@]}" 2>/dev/null | head -1)
               tail -n 20 "$newest" | grep -v '^make' | tail -n 1 |
               tr -cd '[:print:]') || :
        if [ -t 1 ]; then
            width=$(tput cols 2>/dev/null || echo 80)
            printf '\r\033[K%s' "$(printf '      %d s  %s' \
                $((SECONDS - begun)) "$last" | cut -c "1-$((width - 1))")"
        elif [ $((SECONDS - begun)) -ge $next ]; then
            say "      $((SECONDS - begun)) s  ${last:0:60}"
            next=$((next + 30))
        fi
    done
    [ ! -t 1 ] || printf '\r\033[K'
}
