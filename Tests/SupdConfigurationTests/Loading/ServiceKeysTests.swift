import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct ServiceKeysTests {
    @Test func aServiceThatSaysNothingHasTheStandardValues() throws {
        let service = try Load.service()
        #expect(service.name.rawValue == "web" && service.execStart == ["/bin/web"])
        #expect(
            service.conduct.type == .exec && service.conduct.enabled && !service.conduct.essential
                && service.instances == 1)
        #expect(service.conduct.restartName == "on-failure" && service.conduct.backoffName == "exponential")
        #expect(service.conduct.backoff.resetAfter == .seconds(60))
        #expect(service.conduct.stopSteps == [StopStep(signal: .term, wait: .seconds(10))])
        #expect(service.conduct.killMode == .controlGroup && service.conduct.timeoutStart == .seconds(90))
        #expect(service.conduct.startLimit == StartLimit(burst: 10, interval: .seconds(300)))
        #expect(
            service.conduct.identity == nil && service.conduct.umask == nil && service.conduct.nice == nil
                && service.conduct.limits.isEmpty)
        #expect(
            service.environment.isEmpty && service.conduct.environmentFiles.isEmpty
                && service.conduct.passEnvironment.isEmpty)
        #expect(service.conduct.log == LogConfiguration())
        #expect(service.conduct.exitStatusRules == ExitStatusRules())
        #expect(service.conduct.commands.isEmpty && service.sockets.isEmpty && service.conduct.resources.isEmpty)
        #expect(
            service.conduct.runtimeMax == nil && service.conduct.minUptime == .zero && service.bindsTo.isEmpty
                && service.partOf.isEmpty
        )
    }

    @Test func everyKeyReachesItsPlace() throws {
        let service = try Load.service(
            """
            description = "the site"
            type = "oneshot"
            enabled = false
            essential = true
            instances = 3
            tags = ["front", "http"]
            umask = "0027"
            working_directory = "/srv/%n"
            nice = -5
            oom_score_adjust = 500
            no_new_privileges = true
            environment = { B = "2", A = "%i" }
            environment_files = ["/etc/default/web", "-/etc/optional"]
            pass_environment = ["LANG", "TZ"]
            restart = "on-abnormal"
            success_exit_status = [3, "SIGUSR1"]
            restart_prevent_exit_status = 4
            restart_force_exit_status = ["TERM", 5]
            backoff = "constant"
            start_limit_burst = 3
            start_limit_interval = "1min"
            kill_signal = "SIGINT"
            timeout_stop = "1min 30s"
            kill_mode = "mixed"
            timeout_start = 5
            """)
        #expect(service.description == "the site" && service.conduct.type == .oneshot)
        #expect(!service.conduct.enabled && service.conduct.essential && service.instances == 3)
        #expect(service.tags == ["front", "http"] && service.conduct.umask == 0o27 && service.conduct.nice == -5)
        #expect(
            service.workingDirectory == "/srv/%n" && service.conduct.oomScoreAdjust == 500
                && service.conduct.noNewPrivileges)
        #expect(service.environment == [.init(name: "A", value: "%i"), .init(name: "B", value: "2")])
        #expect(
            service.conduct.environmentFiles == [
                EnvironmentFile(path: "/etc/default/web", optional: false),
                EnvironmentFile(path: "/etc/optional", optional: true),
            ])
        #expect(service.conduct.passEnvironment == ["LANG", "TZ"])
        #expect(service.conduct.restartName == "on-abnormal" && service.conduct.backoffName == "constant")
        #expect(service.conduct.exitStatusRules.success == ExitStatusSet(codes: [3], signals: [.usr1]))
        #expect(service.conduct.exitStatusRules.restartPrevent == ExitStatusSet(codes: [4]))
        #expect(service.conduct.exitStatusRules.restartForce == ExitStatusSet(codes: [5], signals: [.term]))
        #expect(service.conduct.startLimit == StartLimit(burst: 3, interval: .seconds(60)))
        #expect(service.conduct.stopSteps == [StopStep(signal: .int, wait: .seconds(90))])
        #expect(service.conduct.killMode == .mixed && service.conduct.timeoutStart == .seconds(5))
    }

    @Test func stopStepsReplaceTheOneStep() throws {
        let service = try Load.service(
            "stop_steps = [{ signal = \"SIGINT\", wait = \"2s\" }, { signal = \"SIGTERM\", wait = 5 }]")
        #expect(
            service.conduct.stopSteps == [
                StopStep(signal: .int, wait: .seconds(2)), StopStep(signal: .term, wait: .seconds(5)),
            ])
    }

    @Test(arguments: ["\"infinity\"", "0", "\"0\"", "0.0"])
    func aStartMayHaveNoLimit(value: String) throws {
        #expect(try Load.service("timeout_start = \(value)").conduct.timeoutStart == nil)
    }

    @Test func aOneshotHasNoLimitUnlessOneIsSet() throws {
        #expect(try Load.service("type = \"oneshot\"").conduct.timeoutStart == nil)
        #expect(try Load.service("type = \"oneshot\"\ntimeout_start = 7").conduct.timeoutStart == .seconds(7))
        #expect(
            try Load.service("type = \"oneshot\"", defaults: "timeout_start = 8").conduct.timeoutStart == .seconds(8))
    }

    @Test func aRunMayHaveALimit() throws {
        #expect(try Load.service("runtime_max = \"1d\"").conduct.runtimeMax == .seconds(86_400))
        // What is longer than clocks count would be a wrong deadline, or none.
        let tooLong = "must be at most 36500 days, found "
        #expect(try Load.fault("min_uptime = \"40000d\"").hasSuffix("'min_uptime' \(tooLong)40000d"))
        #expect(try Load.fault("timeout_start = \"40000d\"").hasSuffix("\(tooLong)40000d, or \"infinity\""))
        #expect(try Load.service("timeout_start = \"36500d\"").conduct.timeoutStart == .seconds(36500 * 86400))
        #expect(try Load.fault("runtime_max = 0") == "3:15: 'runtime_max' must be longer than 0")
        #expect(
            try Load.fault("type = \"oneshot\"\nruntime_max = 5")
                == "4:1: 'runtime_max' is for a service that goes on running, and 'web' is a oneshot: 'timeout_start' limits how long it may work"
        )
    }

    @Test func limitsAreTheKernelsNumbers() throws {
        let service = try Load.service(
            "limits = { nofile = \"65536\", core = 0, as = \"2GiB\", nproc = \"100:200\", stack = \"infinity\" }")
        let limits = Dictionary(uniqueKeysWithValues: service.conduct.limits.map { ($0.resource, [$0.soft, $0.hard]) })
        #expect(service.conduct.limits.map(\.name) == ["as", "core", "nofile", "nproc", "stack"])
        #expect(
            limits == [
                Int32(RLIMIT_NOFILE.rawValue): [65_536, 65_536], Int32(RLIMIT_CORE.rawValue): [0, 0],
                Int32(RLIMIT_AS.rawValue): [2 << 30, 2 << 30], Int32(__RLIMIT_NPROC.rawValue): [100, 200],
                Int32(RLIMIT_STACK.rawValue): [.max, .max],
            ])
    }

    @Test func aLogGoesWhereItIsSent() throws {
        let service = try Load.service(
            """
            log = { sink = "file", stderr = "separate", max_line = "1KiB", file = "/var/log/%n.log", rotate_size = "1MB", rotate_keep = 0, overflow = "drop" }
            """)
        #expect(
            service.conduct.log.sink == .file && service.conduct.log.standardError == .separate
                && service.conduct.log.maxLine == 1024)
        #expect(service.conduct.log.file == "/var/log/%n.log")
        #expect(service.conduct.log.rotateSize == 1_000_000 && service.conduct.log.rotateKeep == 0)
        #expect(service.conduct.log.overflow == .drop)
        #expect(try Load.service("").conduct.log.overflow == .wait)
        #expect(try Load.service("").conduct.log.memory == 16 * 1024)
        for (text, bytes) in [("0", 0), ("\"1KiB\"", 1024), ("\"16MiB\"", 16 << 20)] {
            #expect(try Load.service("log = { memory = \(text) }").conduct.log.memory == bytes)
        }
        for text in ["1", "1023", "\"17MiB\"", "-1"] {
            #expect(try Load.fault("log = { memory = \(text) }").contains("'log.memory' must be"), "\(text)")
        }
    }

    @Test(arguments: [("0o027", UInt16(0o27)), ("\"27\"", 0o27), ("0o0", 0), ("0o777", 0o777)])
    func masksAreWrittenInOctal(value: String, expected: UInt16) throws {
        #expect(try Load.service("umask = \(value)").conduct.umask == expected)
    }

    @Test func theSpellingOfAMaskIsFoundBehindOtherLetters() throws {
        let configuration = try Load.good(
            "service = { \"a\" = { description = \"üü→𝄞\", umask = 0o027, exec_start = \"a\" } }")
        #expect(configuration.services.first?.conduct.umask == 0o27)
        #expect(
            Load.faults("service = { \"a\" = { description = \"üü→𝄞\", umask = 27, exec_start = \"a\" } }").count == 1)
    }

    @Test func aPolicyTakesItsOptions() throws {
        let service = try Load.service(
            """
            restart = { policy = "on-abnormal" }
            backoff = { policy = "linear", initial = "1s", step = 2, max = 4.5, jitter = "none", reset_after = "5min" }
            """)
        #expect(service.conduct.restartName == "on-abnormal" && service.conduct.backoffName == "linear")
        #expect(service.conduct.backoff.resetAfter == .seconds(300))
        let delays = (1...3).map {
            service.conduct.backoff.delay(for: BackoffContext(restart: $0, previousDelay: nil, random: 0))
        }
        #expect(delays == [.seconds(1), .seconds(3), .milliseconds(4500)])
    }

    @Test func optionsAloneAreThoseOfTheStandardPolicy() throws {
        let service = try Load.service("backoff = { initial = \"1s\", jitter = \"none\" }")
        #expect(service.conduct.backoffName == "exponential")
        #expect(service.conduct.backoff.delay(for: .init(restart: 2, previousDelay: nil, random: 0)) == .seconds(2))
    }

    @Test(arguments: ["NOTIFY_SOCKET", "LISTEN_FDS", "WATCHDOG_USEC", "JOURNAL_STREAM", "SUPD_SOCKET"])
    func whatSpeaksToTheDaemonIsNotPassedOn(name: String) throws {
        #expect(
            try Load.fault("pass_environment = [\"LANG\", \"\(name)\"]").hasPrefix(
                "3:29: item 2 of 'pass_environment' cannot pass \(name) on: "))
    }

    @Test func aPatternOfNamesMayBePassedOn() throws {
        let service = try Load.service("pass_environment = [\"*\", \"LC_*\", \"A[0-9]?\"]")
        #expect(service.conduct.passEnvironment == ["*", "LC_*", "A[0-9]?"])
        #expect(try Load.fault("pass_environment = [\"A B*\"]").contains("or a pattern such as \"LC_*\""))
    }

    /// They cannot be seen where they stand, so that they are named.
    @Test(arguments: [
        ("\u{202E}", "U+202E (right-to-left override)"), ("\\u2069", "U+2069 (pop directional isolate)"),
        ("\u{2028}", "U+2028 (line separator)"), ("\u{FEFF}", "U+FEFF (byte order mark)"),
        ("\\u001b", "U+001B (escape)"), ("\u{9B}", "U+009B (control character)"), ("\t", "U+0009 (tab)"),
    ])
    func whatALineMayNotHaveIsNamed(character: String, name: String) throws {
        for (key, place) in [("description", "3:15: 'description'"), ("ready", "3:35: 'ready.pattern'")] {
            let value = key == "ready" ? #"{ type = "log", pattern = "a\#(character)b" }"# : "\"a\(character)b\""
            #expect(
                try Load.fault("\(key) = \(value)")
                    == "\(place) must be one line without control characters, found \(name)")
        }
    }

    @Test func aCommandIsAListOrAString() throws {
        let configuration = try Load.good(
            """
            [service.list]
            exec_start = ["/bin/sh", "-c", "echo a; sleep 1 | cat"]
            [service.text]
            exec_start = "/bin/echo 'a b' $HOME \\"$HOME\\""
            """)
        #expect(
            configuration.services.map(\.execStart) == [
                ["/bin/sh", "-c", "echo a; sleep 1 | cat"], ["/bin/echo", "a b", "$HOME", "${HOME}"],
            ])
    }

    @Test func aStartMayCountOnlyAfterAWhile() throws {
        #expect(try Load.service("min_uptime = \"10s\"").conduct.minUptime == .seconds(10))
        #expect(try Load.service("min_uptime = 0", defaults: "min_uptime = 5").conduct.minUptime == .zero)
        #expect(try Load.service("type = \"oneshot\"", defaults: "min_uptime = 5").conduct.minUptime == .zero)
        #expect(
            try Load.fault("type = \"oneshot\"\nmin_uptime = 5")
                == "4:1: 'min_uptime' is for a service that goes on running, and 'web' is a oneshot: it is up once it has ended with success"
        )
    }

    @Test(arguments: [
        "\"always\"", "\"on-success\"", "{ policy = \"budget\", base = \"always\" }",
        "{ policy = \"by-status\", restart = 0 }",
    ])
    func aOneshotThatWouldBeRunAgainAfterItsSuccessIsRefused(restart: String) throws {
        let fault = try Load.fault("type = \"oneshot\"\nrestart = \(restart)")
        #expect(fault.hasPrefix("4:1: 'restart' of \""), "\(fault)")
        #expect(fault.hasSuffix("write \"on-failure\" for one that is to be tried again until it succeeds"), "\(fault)")
        // Meant for those that go on running; a success of a oneshot ends it all the same.
        #expect(try Load.service("type = \"oneshot\"", defaults: "restart = \(restart)").conduct.type == .oneshot)
        #expect(try Load.service("restart = \(restart)").conduct.type == .exec)
    }

    @Test func aOneshotIsNotForcedToRunAgainAfterItsSuccess() throws {
        #expect(try Load.fault("type = \"oneshot\"\nrestart_force_exit_status = [0, 3]").hasPrefix("4:1: "))
        #expect(try Load.service("type = \"oneshot\"\nrestart_force_exit_status = 3").conduct.type == .oneshot)
    }
}
