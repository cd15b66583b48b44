# fish completion of supctl. supctl itself knows what fits, and asks the daemon for names.
function __supctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] --complete $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            set -l option (string match -r '^-[^=]*=' -- "$current")
            printf "$option%s\n" (__fish_complete_path (string replace -- "$option" '' "$current"))
        else
            printf '%s\n' $line
        end
    end
end
complete -c supctl -f -a '(__supctl_complete)'
