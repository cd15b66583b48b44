# shellcheck shell=bash
# Sourced by contrib/build, contrib/docs and contrib/test: finds out what this machine lacks and installs just that with apt.
#
#   lacks PACKAGE COMMAND…    notes PACKAGE as missing where COMMAND fails
#   install_missing           installs what was noted; where it cannot, says why in one line and answers 1
#
# A package's daemon is not started by its installation: a policy-rc.d (invoke-rc.d(8)) that forbids it is in place meanwhile.

missing_packages=()

say() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

lacks() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing_packages+=("$package")
}

# Programs of administrators are not in everybody's PATH.
has_program() {
    PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" command -v "$1"
}

require_swift() {
    local version
    if ! command -v swift >/dev/null 2>&1; then
        say "no 'swift' in PATH: install a Swift 6.2 or later toolchain from https://www.swift.org/install/linux/"
        return 1
    fi
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    if [ -n "$version" ] && [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -n 1)" != 6.2 ]; then
        say "Swift $version is too old: supd needs 6.2 or later, from https://www.swift.org/install/linux/"
        return 1
    fi
}

# Runs as root: apt, with its noise kept for the case that it fails.
# $1 is the log, the rest are packages.
apt_as_root='
    log=$1
    shift
    export DEBIAN_FRONTEND=noninteractive LC_ALL=C
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap "rm -f $policy" EXIT
        trap "exit 130" INT TERM HUP
        printf "#!/bin/sh\nexit 101\n" >"$policy" && chmod 755 "$policy"
    fi
    apt="apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3"
    install() { $apt --no-install-recommends install "$@" >>"$log" 2>&1 </dev/null; }
    # Lists that are there may be enough; where they are stale or absent they are fetched once.
    install "$@" || { $apt update >>"$log" 2>&1 </dev/null && install "$@"; }
'

install_missing() {
    [ ${#missing_packages[@]} -gt 0 ] || return 0
    local names="${missing_packages[*]}" log
    local as_root=()
    missing_packages=()
    if ! command -v apt-get >/dev/null 2>&1; then
        say "cannot install $names: there is no apt-get here, install their like by hand"
        return 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "cannot install $names: not root, and there is no sudo; as root: apt-get install $names"
            return 1
        fi
        as_root=(sudo)
        [ -t 0 ] || as_root+=(-n)
    fi
    say "installing $names"
    log=$(mktemp)
    # shellcheck disable=SC2086  # names are words
    if ! "${as_root[@]}" sh -c "$apt_as_root" apt "$log" $names; then
        say "cannot install $names: $(grep -E '^(E:|sudo:|Err)' "$log" | tail -n 1 | grep . || echo 'sudo or apt-get refused') (all of it: $log)"
        return 1
    fi
    rm -f "$log"
}
