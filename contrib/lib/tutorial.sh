# shellcheck shell=bash
# Sourced by contrib/docs: holds the files that the tutorial shows to what compiles.
#
#   check_tutorial RESOURCES EXAMPLE WORK FLAG…
#
# RESOURCES has the files, NAME-1.EXTENSION and so on for each that grows. The last of each is the file NAME.EXTENSION of the
# package EXAMPLE, which contrib/test builds and tests, but for where supd is. Those before compile in its place. WORK is a
# folder for what is made meanwhile; the FLAGs let the compiler find supd's modules. Says what is wrong, and then answers 1.

check_tutorial() {
    local resources=$1 example=$2 work=$3 faults=0
    shift 3
    local path name shown last
    while read -r path; do
        name=${path##*/}
        mapfile -t shown < <(stages "$resources" "$name")
        if [ ${#shown[@]} -eq 0 ]; then
            say "the tutorial does not show $example/$path: it belongs into $resources as ${name%.*}-1.${name##*.}"
            faults=1
            continue
        fi
        last=${shown[-1]}
        # The tutorial's package lies beside supd, the example inside of it.
        if ! sed 's|path: "../supd"|path: "../../.."|' "$last" | diff -u --label "$example/$path" --label "$last" "$example/$path" - >"$work/difference"; then
            say "$last is not what $example/$path is:"
            cat "$work/difference"
            faults=1
        fi
        unset 'shown[-1]'
        for last in "${shown[@]}"; do
            compile_stage "$last" "$example/$path" "$work" "$@" || faults=1
        done
    done < <(cd "$example" && find Package.swift Sources Tests ./*.toml -type f | sed 's|^\./||' | sort)
    return "$faults"
}

# The files that show NAME as it grows, one a line, in order.
stages() {
    find "$1" -name "${2%.*}-[0-9]*.${2##*.}" | sort -V
}

# Has the compiler look at the file $1 as if it were $2, among the other files of its module.
compile_stage() {
    local shown=$1 path=$2 work=$3 file
    local files=("$shown")
    shift 3
    if [ "${path##*/}" = Package.swift ]; then
        mkdir -p "$work/manifest"
        cp "$shown" "$work/manifest/Package.swift"
        swift package --package-path "$work/manifest" dump-package >/dev/null && return
    else
        for file in "$(dirname "$path")"/*.swift; do
            [ "$file" = "$path" ] || files+=("$file")
        done
        swiftc -typecheck -parse-as-library -swift-version 6 -warnings-as-errors "$@" \
            -module-name "$(basename "$(dirname "$path")")" "${files[@]}" && return
    fi
    say "$shown does not compile in place of $path"
    return 1
}
