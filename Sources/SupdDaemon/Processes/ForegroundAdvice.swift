import SupdEngine

/// How programs are kept from putting themselves into the background.
enum ForegroundAdvice {
    /// Options of programs that do so when they are told nothing.
    private static let known: [String: String] = [
        "apache2": "-D FOREGROUND", "atd": "-f", "avahi-daemon": "no -D", "bird": "-f", "chronyd": "-n",
        "collectd": "-f",
        "cron": "-f", "crond": "-f", "dhcpd": "-f", "dnsmasq": "--keep-in-foreground", "exim4": "-bdf",
        "haproxy": "-db",
        "httpd": "-D FOREGROUND", "inetd": "-i", "lighttpd": "-D", "monit": "-I", "named": "-f",
        "nginx": "-g 'daemon off;'",
        "nmbd": "--foreground", "ntpd": "-n", "php-fpm": "--nodaemonize", "proftpd": "--nodaemon", "prosody": "-F",
        "redis-server": "--daemonize no", "rpcbind": "-f", "rsyslogd": "-n", "slapd": "-d 0", "smbd": "--foreground",
        "snmpd": "-f", "squid": "--foreground", "sshd": "-D", "supervisord": "--nodaemon", "syslog-ng": "--foreground",
        "tor": "--RunAsDaemon 0", "unbound": "-d", "varnishd": "-F", "xinetd": "-dontfork",
    ]

    /// What to do, where `program` was started and left `commands`.
    static func sentence(program: String, commands: [String]) -> String {
        let names = [name(of: program)] + commands.map { name(of: $0.prefix { $0 != " " }) }
        for name in names {
            if let option = option(of: name) {
                return "\(name) puts itself into the background: keep it in the foreground with '\(option)'"
            }
        }
        return "if \(names[0]) puts itself into the background, keep it in the foreground by its option for that "
            + "(often -f, -F, -D, -n, --foreground or --no-daemon)"
    }

    /// `php-fpm8.2` is php-fpm.
    private static func option(of name: String) -> String? {
        known[name] ?? known[String(name.prefix { !$0.isNumber && $0 != "." })]
    }

    /// `/usr/sbin/nginx` and `nginx:` are nginx.
    private static func name(of program: some StringProtocol) -> String {
        var name = String(program).split(separator: "/").last.map(String.init) ?? ""
        if name.hasSuffix(":") { name.removeLast() }
        return FatalReason.shown(name, atMost: 60)
    }
}
