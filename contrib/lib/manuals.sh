# shellcheck shell=bash
# Sourced by contrib/docs and contrib/install, and by tests.
#
#   build_manuals FOLDER SUPCTL    makes the manual pages, out of docs/ and what SUPCTL says of its verbs, below FOLDER/man1 … man8
#   check_manuals FOLDER           prints what mandoc and man find wrong with them, and answers 1 where that is something

build_manuals() {
    local folder=$1 supctl=$2 date
    # A page of the same sources is the same page.
    date=$(git log -1 --format=%cs -- docs 2>/dev/null || date +%F)
    manual() {
        local page=$1 section=$2 what=$3
        shift 3
        mkdir -p "$folder/man$section"
        # Any bytes are text to it, whatever the locale.
        LC_ALL=C awk -v page="$page" -v section="$section" -v what="$what" -v date="${date:-$(date +%F)}" -f contrib/lib/manual.awk "$@" \
            >"$folder/man$section/$page.$section"
    }
    "$supctl" help all >"$folder/supctl.md"
    [ ! -e docs/supctl.md ] || cat docs/supctl.md >>"$folder/supctl.md"
    manual supctl 1 "command a running supd" "$folder/supctl.md"
    rm "$folder/supctl.md"
    manual supd 8 "process supervisor" docs/supd.md
    manual supd.toml 5 "configuration of supd" docs/configuration.md
    manual supd-plugins 7 "the plugins that come with supd" docs/plugins.md
    [ ! -e docs/protocol.md ] || manual supd-protocol 7 "the control protocol of supd" docs/protocol.md
    unset -f manual
}

check_manuals() {
    local found
    found=$(
        find "$1" -name '*.[1-8]' -exec mandoc -T lint -W warning {} + 2>&1
        # Not every machine has man(1).
        ! command -v man >/dev/null || find "$1" -name '*.[1-8]' -exec sh -c '
            for page; do LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 "$page" 2>&1 >/dev/null; done' sh {} +
    )
    [ -z "$found" ] || {
        printf '%s\n' "$found"
        return 1
    }
}
