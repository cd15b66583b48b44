/// Keys as other supervisors call them, and what does the same here.
///
/// Of supervisord, systemd (where a name differs by more than its form), docker compose, pm2, process-compose, circus and
/// Kubernetes: what people bring along when they move a service.
struct ForeignKeys {
    private let counterparts: [String: String]

    private init(_ groups: [(own: String, foreign: String)]) {
        var table = [String: String]()
        for (own, foreign) in groups {
            for word in foreign.split(separator: " ") { table[String(word)] = own }
        }
        counterparts = table
    }

    /// What `key` of another tool is called here; nil where it is none that is known.
    func counterpart(of key: String) -> String? { counterparts[Self.normalized(key)] }

    /// `RestartSec`, `restart_sec` and `restart-sec` are one word.
    private static func normalized(_ key: String) -> String {
        key.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    /// Those of the top level: what a table of one service is called elsewhere.
    static let ofRoot = ForeignKeys([
        ("service", "program programs process processes watcher watchers app apps unit install job jobs task tasks"),
        ("defaults", "global globals common"),
        ("include", "includes"),
    ])

    /// Those of `[supervisor]`; two are options of the command line here.
    static let ofSupervisor = ForeignKeys([
        ("--log-level", "loglevel"), ("--log-format", "logformat"),
        ("drain", "shutdowntimeout gracefultimeout stoptimeout"),
    ])

    /// Those of `[service.NAME]`.
    static let ofService = ForeignKeys([
        ("exec_start", "command cmd exec program run script entrypoint args startcommand"),
        ("exec_start_pre", "prestart"),
        ("exec_start_post", "poststart"),
        ("exec_stop", "stopcommand prestop"),
        ("exec_stop_post", "poststop finish"),
        ("exec_reload", "reloadcommand"),
        ("requires", "dependson depends dependencies needs"),
        ("enabled", "autostart wantedby disabled"),
        ("instances", "numprocs numprocesses replicas processes scale"),
        ("restart", "autorestart restartpolicy respawn keepalive availability"),
        ("backoff", "restartsec restartdelay restartsteps restartmaxdelaysec backoffseconds"),
        ("start_limit_burst", "startretries maxrestarts maxretry maxretries"),
        ("start_limit_interval", "startlimitintervalsec"),
        ("min_uptime", "startsecs"),
        ("success_exit_status", "exitcodes"),
        ("kill_signal", "stopsignal"),
        ("kill_mode", "stopasgroup killasgroup treekill"),
        ("timeout_stop", "stopwaitsecs stoptimeout killtimeout stopgraceperiod gracefultimeout timeoutstopsec"),
        ("timeout_start", "timeoutstartsec starttimeout startuptimeout listentimeout timeoutsec"),
        ("runtime_max", "runtimemaxsec"),
        ("working_directory", "directory cwd workdir workingdir chdir"),
        ("environment", "env environ"),
        ("environment_files", "envfile environmentfile"),
        ("pass_environment", "copyenv"),
        ("user", "uid username"),
        ("group", "gid"),
        (
            "limits",
            "ulimits limitnofile limitnproc limitcore limitmemlock limitas limitcpu limitdata limitfsize limitlocks limitmsgqueue "
                + "limitnice limitrss limitrtprio limitrttime limitsigpending limitstack"
        ),
        ("resources", "memorymax memoryhigh cpuweight cpuquota tasksmax memlimit ioweight"),
        ("sockets", "listenstream ports"),
        ("ready", "readiness readinessprobe waitready"),
        ("health", "healthcheck livenessprobe liveness"),
        ("log", "logging stdout stderr standardoutput standarderror"),
        ("log.file", "stdoutlogfile logfile outfile loglocation"),
        ("log.stderr", "stderrlogfile redirectstderr errorfile"),
        ("log.level_prefix", "sysloglevelprefix"),
        ("log.rotate_size", "stdoutlogfilemaxbytes"),
        ("log.rotate_keep", "stdoutlogfilebackups"),
        ("tags", "labels"),
        ("nice", "priority"),
    ])
}

extension RootKey {
    static func counterpart(of foreign: String) -> String? { ForeignKeys.ofRoot.counterpart(of: foreign) }
}

extension SupervisorKey {
    static func counterpart(of foreign: String) -> String? { ForeignKeys.ofSupervisor.counterpart(of: foreign) }
}

extension ServiceKey {
    static func counterpart(of foreign: String) -> String? {
        // Only what this version has.
        ForeignKeys.ofService.counterpart(of: foreign).flatMap { own in
            ServiceKey(rawValue: String(own.prefix { $0 != "." })).map { _ in own }
        }
    }
}
