# shellcheck shell=bash
# Sourced by contrib/test.
#
#   not_run LOG…    what swift-testing left out in the runs that wrote LOG, one a line: `NAME: REASON`
#
# A test is skipped by a trait before it begins, and cancels itself once it knows that it is not possible here:
#
#   ➜ Test name() skipped: "reason"
#   ➜ Test name() was cancelled after 0.001 seconds: "reason"
#   ➜ Test case of name(way:) was cancelled: "reason"
#
# The last is the acceptance tests' own, since the runner takes a case that is cancelled for one that has passed. A suite that is
# skipped has a line of its own beside those of its tests. The symbol is more characters than one in some locales.

not_run() {
    sed -nE \
        -e 's/\x1b\[[0-9;]*m//g' \
        -e '/^[^ ]+ Test /!d' \
        -e 's/ (skipped|was cancelled( after [0-9.]+ seconds)?)(: "|\.?$)/: /; T' \
        -e 's/^[^ ]+ Test //; s/: $/: no reason given/; s/"$//; p' "$@" | LC_ALL=C sort -u
}
