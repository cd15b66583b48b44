#!/bin/sh
# A client of supd in shell, by socat and jq. docs/protocol.md has the protocol.
#
#   client.sh status [NAME…]     what instances are
#   client.sh restart NAME…      waits until each is up again, or has failed
#   client.sh events [NAME…]     what happens, until it is interrupted
#   client.sh logs NAME…         the last lines, and then each that comes
#
# SUPD_SOCKET is where the socket is, TIMEOUT how many seconds an order may take (30). The exit status is 0, 1 where something failed,
# 2 for a wrong use, 69 where there is no daemon (any more), 75 where it took too long.
set -eu

end() {
    printf 'client: %s\n' "$2" >&2
    exit "$1"
}

if [ -z "${SUPD_SOCKET:-}" ]; then
    SUPD_SOCKET=/run/supd/control.sock
    [ "$(id -u)" -eq 0 ] || SUPD_SOCKET=${XDG_RUNTIME_DIR:-/run}/supd/control.sock
fi
timeout=${TIMEOUT:-30}

# request METHOD PARAMS NAME…: the line, with the names as `services`.
request() {
    method=$1 params=$2
    shift 2
    jq -cn --arg method "$method" --argjson params "$params" \
        '{jsonrpc: "2.0", id: 1, method: $method, params: ($params + {services: $ARGS.positional})}' --args "$@"
}

# converse SECONDS: sends what it reads, and prints what is answered. After its input socat waits so long for the other side, which answers
# what was asked and closes.
converse() {
    socat -t "$1" - "UNIX-CONNECT:$SUPD_SOCKET"
}

# call SECONDS METHOD PARAMS NAME…: prints the result; ends the script with what the daemon says where it says no.
call() {
    seconds=$1
    shift
    reply=$(request "$@" | converse "$seconds") || end 69 "no daemon at $SUPD_SOCKET"
    [ -n "$reply" ] || end 75 "no answer in time; the order stands"
    if [ "$(printf '%s' "$reply" | jq 'has("error")')" = true ]; then
        code=1
        [ "$(printf '%s' "$reply" | jq -r .error.data.kind)" != timed-out ] || code=75
        end "$code" "$(printf '%s' "$reply" | jq -r \
            '.error.message + (if .error.data.suggestion then "; did you mean '\''\(.error.data.suggestion)'\''?" else "" end)')"
    fi
    printf '%s' "$reply" | jq .result
}

# show_status RESULT: prints what instances are, and fails where one has an error.
show_status() {
    printf '%s' "$1" | jq -r '.services[] | "\(.name) \(.state)"'
    failures=$(printf '%s' "$1" | jq -r '.services[].error.message // empty | "client: \(.)"')
    [ -z "$failures" ] || { printf '%s\n' "$failures" >&2 && exit 1; }
}

# follow METHOD PARAMS FILTER NAME…: prints what FILTER makes of the reply and of each notification, until the daemon is gone.
follow() {
    method=$1 params=$2 filter=$3
    shift 3
    request "$method" "$params" "$@" | converse 2147483 | jq --unbuffered -r \
        "if .error then \"client: \\(.error.message)\\n\" | halt_error(1) else $filter end" || exit 1
    end 69 "the daemon has closed the connection"
}

verb=${1:-}
[ $# -eq 0 ] || shift
case $verb in
status)
    result=$(call "$timeout" service.status '{}' "$@")
    show_status "$result"
    ;;
restart)
    [ $# -gt 0 ] || end 2 "restart needs a NAME"
    # The daemon keeps the time-out itself; socat's is only for one that does not answer.
    result=$(call "$((timeout + 5))" service.restart "{\"wait\": true, \"timeout\": $timeout}" "$@")
    show_status "$result"
    ;;
events)
    # shellcheck disable=SC2016
    follow events.subscribe '{}' 'if .result then "following" else .params |
        if .gap then "\(.sequence) (\(.gap) missed)"
        elif .kind == "state" then "\(.sequence) \(.name) \(.from) -> \(.state)"
        else "\(.sequence) \(.kind)" end end' "$@"
    ;;
logs)
    [ $# -gt 0 ] || end 2 "logs needs a NAME"
    follow logs.follow '{}' 'if .result then .result.services[] | .name as $name | .lines[] | "\($name) \(.text)"
        else .params | if .gap then "\(.name) (\(.gap) missed)" else "\(.name) \(.text)" end end' "$@"
    ;;
*)
    sed -n '2,/^set/{s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
