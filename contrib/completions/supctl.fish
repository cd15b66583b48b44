# fish completion of supctl and supd. They know what fits themselves, and supctl asks the daemon for names.
function __supctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] --complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                set -l before (string match -r '^-[^=]*=' -- "$current")
                for path in (__fish_complete_path (string replace -- "$before" '' "$current"))
                    printf '%s%s\n' "$before" $path
                end
            case :hosts
                # Of web1,root@web2 the last is being typed.
                set -l before (string match -r '^.*[=@,]' -- "$current")
                for host in (__fish_print_hostnames)
                    printf '%s%s\n' "$before" $host
                end
            case '*'
                printf '%s\n' $line
        end
    end
end
for program in supctl supd
    complete -c $program -f -a '(__supctl_complete)'
end
