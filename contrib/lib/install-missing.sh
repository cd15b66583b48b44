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

# Sees to it that there is a toolchain that runs and links, and answers 1 with what is wrong and what to do where there is not.
require_swift() {
    local said version swift libraries
    if ! swift=$(command -v swift); then
        say "no 'swift' in PATH: install a Swift 6.2 or later toolchain from https://www.swift.org/install/linux/"
        return 1
    fi
    # A toolchain that was unpacked from its archive lacks what a package of it would depend on.
    mapfile -t libraries < <(missing_libraries "$swift")
    if [ ${#libraries[@]} -gt 0 ]; then
        say "the programs beside $swift need ${libraries[*]}, which this machine lacks"
        for_libraries "${libraries[@]}"
        install_missing || true
    fi
    if ! said=$("$swift" --version 2>&1); then
        say "'$swift --version' fails: $said"
        say "install what the toolchain needs on this system, see https://www.swift.org/install/linux/"
        return 1
    fi
    version=$(sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' <<<"$said" | head -n 1)
    if [ -n "$version" ] && [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -n 1)" != 6.2 ]; then
        say "Swift $version is too old: supd needs 6.2 or later, from https://www.swift.org/install/linux/"
        return 1
    fi
    # It links with the system's C and C++ libraries, and fetches packages with git.
    lacks g++ links_programs
    lacks git has_program git
    lacks ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
}

# The shared libraries that the programs of a toolchain are linked with and that are not there, one a line.
missing_libraries() {
    local tools
    tools=$(dirname "$(readlink -f "$1")")
    ldd "$tools"/{swift-driver,swift-frontend,swift-build,swift-format,clang,lld,docc} 2>/dev/null |
        sed -n 's/^[[:space:]]*\([^ ]*\) => not found.*/\1/p' | sort -u
}

# Notes the packages of Debian and Ubuntu that have these libraries.
for_libraries() {
    local library package
    for library in "$@"; do
        case $library in
        libxml2.so.2) package=libxml2 ;;
        libz.so.1) package=zlib1g ;;
        # libsqlite3.so.0 is in libsqlite3-0, libcurl.so.4 in libcurl4.
        *[0-9].so.*) package=${library/.so./-} ;;
        *) package=${library/.so./} ;;
        esac
        lacks "$package" false
    done
}

links_programs() {
    has_program ld && [ -e /usr/include/stdio.h ] && compgen -G '/usr/include/c++/*/string'
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
