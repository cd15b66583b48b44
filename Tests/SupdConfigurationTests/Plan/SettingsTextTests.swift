import SupdPlugin
import Testing

@testable import SupdConfiguration

/// One spelling for what means the same.
@Suite struct SettingsTextTests {
    private func text(_ lines: String, defaults: String = "") throws -> String {
        let text = try Load.service(lines, defaults: defaults).text
        return String(decoding: text.own + text.common, as: UTF8.self)
    }

    @Test func itIsALineAKeyInTheirOrder() throws {
        #expect(
            try text(
                """
                user = "jo"   # who
                log = { rotate_keep = 2, sink = "file" }
                tags = ["b", 'a']
                limits.nofile = "1:2"
                sockets = [{ listen = "/s", name = "x", backlog = 0x10 }]
                description = 'say "x" \\ \\ß'
                """, defaults: "log = { file = \"/l\", rotate_keep = 3 }\nnice = 3\nuser = \"root\"\n") == #"""
                    description = "say \"x\" \\ \\ß"
                    exec_start = ["/bin/web"]
                    sockets = [{ backlog = 16, listen = "/s", name = "x" }]
                    tags = ["b", "a"]
                    limits.nofile = "1:2"
                    log.file = "/l"
                    log.rotate_keep = 2
                    log.sink = "file"
                    nice = 3
                    user = "jo"

                    """#)
    }

    @Test(arguments: [
        ("timeout_stop = 90", "timeout_stop = \"1min 30s\""), ("runtime_max = 1.5", "runtime_max = \"1500ms\""),
        ("timeout_start = 0", "timeout_start = \"infinity\""), ("kill_signal = \"int\"", "kill_signal = \"SIGINT\""),
        ("success_exit_status = \"USR1\"", "success_exit_status = [\"SIGUSR1\"]"), ("umask = 0o27", "umask = \"027\""),
        ("user = 1000", "user = \"1000\""), ("tags = \"a\"", "tags = [\"a\"]"),
        ("restart = \"always\"", "restart = { policy = \"always\" }"),
        ("sockets = { listen = \"/s\" }", "[[service.web.sockets]]\nlisten = \"/s\""),
        ("backoff = { policy = \"linear\", max = 3 }", "backoff = { max = 3, policy = \"linear\" }"),
        (
            "log = { owner = 1000, sink = \"file\", file = \"/a\" }",
            "log = { file = \"/a\", sink = \"file\", owner = \"1000\" }"
        ),
    ])
    func otherWordsForTheSameAreTheSame(one: String, other: String) throws {
        #expect(try text(one) == text(other))
        #expect(try text(one) != text(""))
    }

    @Test func aCommandIsItsWords() throws {
        let texts = try ["\"/bin/a 'b c' $X\"", "[\"/bin/a\", \"b c\", \"$X\"]"].map { command in
            try Load.good("[service.a]\nexec_start = \(command)\n").services[0].text
        }
        #expect(texts[0] == texts[1])
    }

    @Test func whatASpellingCannotSayIsKeptAsItIs() throws {
        // More figures than people are told.
        #expect(try text("timeout_stop = 100.123456789").contains("timeout_stop = 100.123456789\n"))
        #expect(try text("timeout_stop = 100.123456789") != text("timeout_stop = 100.123456788"))
    }

    @Test func theStandardIsTheSameAsNothing() throws {
        let nothing = try Load.service()
        for key in ServiceKey.allCases {
            guard let standard = key.spelling.standard else { continue }
            let service = try Load.service("\(key.rawValue) = \(standard)")
            #expect(service.text == nothing.text, "\(key)")
            // Of these two the standard is said where it is used.
            if key == .umask || key == .workingDirectory { continue }
            #expect(dumped(service) == dumped(nothing), "\(key)")
        }
        #expect(try Load.service("umask = \"0022\"").conduct.umask == 0o022)
        for key in LogKey.allCases {
            guard let standard = key.spelling.standard else { continue }
            let file = LogKey.ofFile.contains(key) ? "sink = \"file\", file = \"/a\", " : ""
            let with = try Load.service("log = { \(file)\(key.rawValue) = \(standard) }")
            let without = try Load.service("log = { \(file)memory = \"16KiB\" }")
            #expect(with.conduct.log == without.conduct.log, "\(key)")
            #expect(!String(decoding: with.text.common, as: UTF8.self).contains("log.\(key.rawValue) "), "\(key)")
        }
        let supervisor = try Load.good("").supervisor
        for key in SupervisorKey.allCases {
            guard let standard = key.spelling.standard else { continue }
            let other = try Load.good("[supervisor]\n\(key.rawValue) = \(standard)\n").supervisor
            #expect(other.text == supervisor.text && dumped(other) == dumped(supervisor), "\(key)")
        }
        for key in ["tags", "requires", "environment_files", "exec_stop", "sockets", "supplementary_groups", "hooks"] {
            #expect(try text("\(key) = []") == text(""), "\(key)")
        }
    }

    /// Also where what holds without a key depends on others, or on what is compiled in; and in the tables that a key takes.
    @Test(arguments: [
        ("watchdog = 0", ""), ("watchdog = \"infinity\"", ""), ("timeout_start = 90", ""),
        ("type = \"oneshot\"\ntimeout_start = 0", "type = \"oneshot\""),
        ("restart = \"on-failure\"", ""), ("restart = { policy = \"on-failure\" }", ""),
        ("backoff = \"exponential\"", ""), ("notify_access = \"none\"", ""),
        ("type = \"notify\"\nnotify_access = \"main\"", "type = \"notify\""),
        ("watchdog = 30\nnotify_access = \"main\"", "watchdog = 30"),
        ("type = \"notify-reload\"\nreload_signal = \"HUP\"", "type = \"notify-reload\""),
        (
            "sockets = { name = \"web\", type = \"stream\", mode = \"0666\", backlog = 4096, listen = \"/s\" }",
            "sockets = [{ listen = \"/s\" }]"
        ),
        (
            "sockets = { listen = \"[::1]:80\", reuse_port = false }", "sockets = { listen = \"[::1]:80\" }"
        ),
        ("log = { memory = 16384, max_line = \"48K\" }", ""),
        (
            "log = { sink = \"file\", file = \"/a\", rotate_size = 10485760 }",
            "log = { sink = \"file\", file = \"/a\" }"
        ),
        (
            "exec_stop = { command = \"/bin/a b\", ignore_failure = false }",
            "exec_stop = { command = [\"/bin/a\", \"b\"] }"
        ),
        (
            "hooks = [{ run = \"leave-pool\", at = \"before-stop\", weight = 0.5, order = 0, budget = 5 }]",
            "hooks = [{ run = \"leave-pool\", at = \"before-stop\", weight = 0.5 }]"
        ),
        (
            "stop_steps = { signal = \"INT\", wait = 60 }",
            "stop_steps = [{ wait = \"1min\", signal = \"SIGINT\" }]"
        ),
        (
            "ready = { type = \"asks\", path = \"/\", period = 0.5, initial_delay = 0, timeout = \"1s\" }",
            "ready = { type = \"asks\", path = \"/\" }"
        ),
        (
            "health = { type = \"asks\", path = \"/\", period = 10, failure_threshold = 3, on_failure = \"restart\" }",
            "health = { type = \"asks\", path = \"/\" }"
        ),
    ])
    func whatHoldsAnywayIsTheSameSaid(said: String, unsaid: String) throws {
        #expect(try text(said) == text(unsaid))
    }

    @Test func whatHoldsElsewhereIsNotTheSameHere() throws {
        for said in [
            "notify_access = \"main\"", "timeout_start = 0", "reload_signal = \"HUP\"", "restart = \"always\"",
            "sockets = { listen = \"/s\", name = \"db\" }",
        ] {
            #expect(try text(said) != text(""), "\(said)")
        }
        #expect(try Plan.from("", to: "[supervisor.drain]\ntimeout = 60\n").isEmpty)
        // Where the type goes, what held without a word and what is said now may be the same.
        let change = try Plan.change(
            Plan.web(["type": "\"notify\"", "notify_access": "\"main\""]), Plan.web(["notify_access": "\"main\""]))
        #expect(change.keys.map(\.key) == ["type"])
    }

    private func dumped(_ value: some Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    @Test func whatAServiceDoesNotHeedIsNoneOfItsOwn() throws {
        let defaults =
            "exec_stop = \"/bin/a\"\nexec_reload = \"/bin/b\"\nruntime_max = 9\nmin_uptime = 9\nready = { type = \"asks\", path = \"/\" }\n"
        #expect(try text("type = \"oneshot\"", defaults: defaults) == text("type = \"oneshot\""))
        #expect(try text("", defaults: "log = { file = \"/a\", rotate_keep = 1 }") == text(""))
        #expect(
            try text("timeout_stop = \"4s\"", defaults: "stop_steps = [{ signal = \"SIGINT\", wait = 1 }]")
                == text("timeout_stop = \"4s\""))
    }

    @Test func aVariableIsKeptAsAHash() throws {
        let one = try text("environment = { TOKEN = \"geheim\" }")
        #expect(!one.contains("geheim") && one.contains("environment.TOKEN = #"))
        #expect(try one != text("environment = { TOKEN = \"geheim2\" }"))
        #expect(try one == text("[service.web.environment]\nTOKEN = 'geheim'"))
        #expect(try text("environment = { TOKEN = \"\" }") != text(""))
    }

    @Test func aLongValueIsCutAndStillToldApart() throws {
        let long = String(repeating: "ß", count: 5_000)
        let one = try Load.service("description = \"\(long)a\"").text
        let other = try Load.service("description = \"\(long)b\"").text
        #expect(one != other)
        let value = try #require(one.entries.first { $0.key.elementsEqual("description".utf8) }?.value)
        #expect(value.count <= SettingsText.longestValue + 40 && String(validating: value, as: UTF8.self) != nil)
    }

    @Test func anOrdinaryServiceTakesLittle() throws {
        let service = try #require(
            try Load.good(
                """
                [defaults]
                restart = "always"
                log = { sink = "file", file = "/var/log/%n.log" }
                [service.web]
                exec_start = "/usr/bin/web --port 8080"
                user = "www-data"
                requires = ["db"]
                environment = { MODE = "production" }
                [service.db]
                exec_start = "/bin/db"
                """
            ).services.first)
        let (own, common) = (service.text.own.count, service.text.common.count)
        #expect(own + common <= 250, "\(own) + \(common)")
    }

    @Test func onlyTheLinesBetweenWhatBothHaveAreLookedAt() throws {
        let one = try Load.service("nice = 1\numask = \"0077\"\nuser = \"jo\"").text
        let other = try Load.service("nice = 11\ntags = \"a\"\numask = \"0077\"\nuser = \"jo\"").text
        func shown(_ entries: some Sequence<SettingsText.Entry>) -> [String] {
            entries.map { String(decoding: $0.key, as: UTF8.self) + "=" + String(decoding: $0.value, as: UTF8.self) }
        }
        let differing = one.differingEntries(from: other)
        #expect(differing.map { shown($0.own) } == [[], ["nice=1"]])
        #expect(differing.map { shown($0.other) } == [["tags=[\"a\"]"], ["nice=11"]])
        let nothing = SettingsText()
        #expect(shown(one.differingEntries(from: nothing).flatMap(\.own)) == shown(one.entries))
        #expect(shown(nothing.differingEntries(from: one).flatMap(\.other)) == shown(one.entries))
        #expect(one.differingEntries(from: one).allSatisfy { $0.own.isEmpty && $0.other.isEmpty })
    }

    @Test func nothingInAValueBreaksALine() throws {
        let one = try text("exec_start_pre = [[\"/bin/a\", \"x\\ny = 1\\u202E\\u0007\"]]")
        #expect(one.contains(#"exec_start_pre = [["/bin/a", "x\ny = 1\u202e\u0007"]]"#), "\(one)")
        #expect(one.split(separator: "\n").count == 2)
    }

    @Test func aHashIsTheSameEverywhere() {
        // The test vectors of FNV-1a: draft-eastlake-fnv.
        var hash = StableHash()
        #expect(hash.text == "6c62272e07bb014262b821756295c58d")
        hash.add("a".utf8)
        #expect(hash.text == "d228cb696f1a8caf78912b704e4a8964")
    }
}
