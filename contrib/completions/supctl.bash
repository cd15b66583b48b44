# bash completion of supctl and supd. They know what fits themselves, and supctl asks the daemon for names.
_supctl() {
    local line=${COMP_LINE:0:COMP_POINT} replaced candidate
    local -a words
    read -ra words <<<"$line"
    case $line in *[[:blank:]]) words+=("") ;; esac
    # Only what stands behind the last of these is replaced: of tag:front that is front.
    local current=${words[${#words[@]} - 1]}
    replaced=${current%"${current##*[$COMP_WORDBREAKS]}"}
    COMPREPLY=()
    while IFS=$'\t' read -r candidate _; do
        case $candidate in
        :files)
            compopt -o default
            return
            ;;
        :hosts)
            # Of web1,root@web2 the last is being typed.
            local before=${current%"${current##*[=@,]}"}
            for candidate in $(compgen -A hostname -- "${current#"$before"}"); do
                candidate=$before$candidate
                COMPREPLY+=("${candidate#"$replaced"}")
            done
            return
            ;;
        *=) compopt -o nospace ;;
        esac
        COMPREPLY+=("${candidate#"$replaced"}")
    done < <("$1" --complete "${words[@]:1}" 2>/dev/null)
}
complete -F _supctl supctl supd
