# shellcheck shell=bash
# Sourced by contrib/test: builds and runs what a stranger builds with supd, from outside of its folder.
#
#   check_outside FOLDER    the plugin of the README as it is written there, as a daemon with a service, in FOLDER, which is
#                           outside; then contrib/examples/custom-supd
#
# Both depend on this checkout by path, and are built where it was built: what it has compiled is not compiled again.

check_outside() {
    check_readme "$1" || return 1

    local example=contrib/examples/custom-supd
    cp Package.resolved "$example/"
    limited 600 swift build --package-path "$example" --scratch-path .build --build-tests || return 1
    limited 120 swift test --package-path "$example" --scratch-path .build --skip-build --disable-xctest || return 1
    limited 20 "$(swift build --package-path "$example" --scratch-path .build --show-bin-path)/mysupd" \
        check --config "$example/mysupd.toml"
}

check_readme() {
    local work=$1 package=$1/night-shift products
    mkdir -p "$package/Sources/mysupd"
    readme_block 1 >"$package/Package.swift"
    readme_block 2 >"$package/Sources/mysupd/Main.swift"
    # The same versions as here, or what is built could not be shared.
    cp Package.resolved "$package/"

    # The folder of supd may have any name: the packages fit together under two of them, and under its own below.
    ln -s "$PWD" "$work/supd"
    ln -s "$PWD" "$work/some-checkout"
    limited 120 swift package --package-path "$package" --scratch-path .build show-dependencies >&2 || return 1
    sed -i 's|path: "\.\./supd"|path: "../some-checkout"|' "$package/Package.swift"
    limited 120 swift package --package-path "$package" --scratch-path .build show-dependencies >&2 || return 1

    sed -i "s|path: \"../some-checkout\"|path: \"$PWD\"|" "$package/Package.swift"
    limited 600 swift build --package-path "$package" --scratch-path .build || return 1
    products=$(swift build --package-path "$package" --scratch-path .build --show-bin-path)
    cat >"$work/mysupd.toml" <<'END'
[service.job]
exec_start = ["sh", "-c", "exit 3"]
restart = "not-after-3"

[service.web]
exec_start = ["sleep", "86400"]
END
    run_readme "$work" "$products" && return
    say "the daemon of the README's plugin did not do what it is to do; it said:"
    cat "$work/said" >&2
    return 1
}

# Starts the daemon with a service that the plugin's policy leaves as it is and one that runs, and ends it.
run_readme() {
    local work=$1 products=$2 daemon code=0
    export SUPD_SOCKET=$work/control.sock
    timeout --kill-after=10 60 "$products/mysupd" --config "$work/mysupd.toml" --socket "$SUPD_SOCKET" \
        </dev/null >"$work/said" 2>&1 &
    daemon=$!
    {
        comes_true "$products/supctl status web | grep RUNNING" &&
            comes_true "$products/supctl status job | grep \"policy 'not-after-3'\"" &&
            "$products/supctl" shutdown --wait
    } >>"$work/said" 2>&1 || code=1
    [ "$code" -eq 0 ] || kill -TERM "$daemon" 2>/dev/null || true
    wait "$daemon" || code=1
    unset SUPD_SOCKET
    return "$code"
}

# Waits until the shell's command $1 succeeds, 30 s at most.
comes_true() {
    timeout 30 sh -c "until $1; do sleep 0.1; done"
}

# The code block $1 of the README's last chapter.
readme_block() {
    awk -v wanted="$1" '
        /^## / { chapter = $0 }
        chapter != "## A plugin" { next }
        /^```swift$/ { block++; inside = 1; next }
        /^```$/ { inside = 0 }
        inside && block == wanted' README.md
}
