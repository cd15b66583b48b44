import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What a service left behind when its main process ended well, so that it was stopped: mostly of a program that puts itself into the
/// background.
struct StoppedAfterEnd {
    /// The attempt that it was.
    var attempt: UInt64
    /// `2 processes that it left were stopped: 17 (nginx: master), …; if nginx puts itself into the background, …`.
    var sentence: String
}

extension Supervisor {
    /// The main process of an instance has ended by itself and with success, and these are stopped, as supd supervises what it has
    /// started. Told once for each attempt; a warning unless the attempt before did the same.
    func tellStopped(by instance: InstanceID, _ left: [Int32]) {
        let machine = fleet[instance]
        let before = processes.stoppedAfterEnd[instance]
        guard before?.attempt != machine.attempt, machine.endedWithSuccess else { return }
        let name = name(of: instance)
        let shown = host.details(of: Array(left.prefix(Self.processesNamed)))
        let program = definition(of: instance).execStart.first ?? ""
        let advice = ForegroundAdvice.sentence(program: program, commands: shown.map(\.command))
        let were = left.count == 1 ? "a process that it left was" : "\(left.count) processes that it left were"
        let sentence = "\(were) stopped: \(list(of: shown, more: left.count - shown.count)); \(advice)"
        processes.stoppedAfterEnd[instance] = StoppedAfterEnd(attempt: machine.attempt, sentence: sentence)
        let isRepeated = before.map { $0.attempt + 1 == machine.attempt } ?? false
        log.write(
            isRepeated ? .info : .warning, "\(name) has ended with success, and \(sentence)", about: name,
            kind: .leftBehind)
    }

    /// The same for its reason, as long as nothing was started since.
    func stoppedAfterEnd(of instance: InstanceID, attempt: UInt64) -> String? {
        guard let stopped = processes.stoppedAfterEnd[instance], stopped.attempt == attempt else {
            return nil
        }
        return stopped.sentence
    }
}

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
