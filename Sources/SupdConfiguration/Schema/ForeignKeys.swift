/// Keys as other supervisors call them, and what does the same here.
///
/// Of supervisord, systemd (where a name differs by more than its form), docker compose, pm2, process-compose, circus and
/// Kubernetes: what people bring along when they move a service.
enum ForeignKeys {
    /// What `key` of another tool is called in `[service.NAME]`; nil where it is none.
    static func counterpart(of key: String) -> String? { counterparts[normalized(key)] }

    /// `RestartSec`, `restart_sec` and `restart-sec` are one word.
    private static func normalized(_ key: String) -> String {
        key.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    private static let counterparts: [String: String] = {
        var table = [String: String]()
        for (own, foreign) in groups {
            for word in foreign.split(separator: " ") { table[String(word)] = own }
        }
        return table
    }()

    private static let groups: [(own: String, foreign: String)] = [
        ("exec_start", "command cmd exec program run script entrypoint"),
        ("exec_start_pre", "prestart"),
        ("exec_start_post", "poststart"),
        ("exec_stop", "stopcommand prestop"),
        ("exec_stop_post", "poststop"),
        ("exec_reload", "reloadcommand"),
        ("requires", "dependson depends dependencies needs"),
        ("enabled", "autostart wantedby"),
        ("instances", "numprocs numprocesses replicas processes"),
        ("restart", "autorestart restartpolicy respawn keepalive availability"),
        ("backoff", "restartsec restartdelay restartsteps restartmaxdelaysec backoffseconds"),
        ("start_limit_burst", "startretries maxrestarts maxretry maxretries"),
        ("start_limit_interval", "startlimitintervalsec"),
        ("min_uptime", "startsecs"),
        ("success_exit_status", "exitcodes"),
        ("kill_signal", "stopsignal"),
        ("kill_mode", "stopasgroup killasgroup treekill"),
        ("timeout_stop", "stopwaitsecs stoptimeout killtimeout stopgraceperiod gracefultimeout timeoutstopsec"),
        ("timeout_start", "timeoutstartsec starttimeout listentimeout"),
        ("runtime_max", "runtimemaxsec"),
        ("working_directory", "directory cwd workdir workingdir chdir"),
        ("environment", "env environ"),
        ("environment_files", "envfile environmentfile"),
        ("pass_environment", "copyenv"),
        ("user", "uid username"),
        ("group", "gid"),
        ("limits", "ulimits limitnofile limitnproc limitcore limitmemlock"),
        ("resources", "memorymax memoryhigh cpuweight cpuquota tasksmax memlimit"),
        ("sockets", "listenstream ports"),
        ("ready", "readiness readinessprobe"),
        ("health", "healthcheck livenessprobe liveness"),
        ("log", "logging stdout stderr standardoutput standarderror"),
        ("log.file", "stdoutlogfile logfile outfile loglocation"),
        ("log.stderr", "stderrlogfile redirectstderr errorfile"),
        ("log.level_prefix", "sysloglevelprefix"),
        ("log.rotate_size", "stdoutlogfilemaxbytes"),
        ("log.rotate_keep", "stdoutlogfilebackups"),
        ("tags", "labels"),
        ("nice", "priority"),
    ]
}

extension ServiceKey {
    static func counterpart(of foreign: String) -> String? {
        // Only what this version has.
        ForeignKeys.counterpart(of: foreign).flatMap { own in
            ServiceKey(rawValue: String(own.prefix { $0 != "." })).map { _ in own }
        }
    }
}
