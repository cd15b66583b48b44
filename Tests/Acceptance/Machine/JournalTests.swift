import Foundation
import Testing

/// A real journald: what it gets of services, and what becomes of their lines where it is restarted, stopped, or written to directly.
@Suite(.daemons)
struct JournalTests {
    /// Starts a daemon under systemd with these services, and programs of shell by their names.
    private func start(_ services: String, scripts: [String: String], in sandbox: Sandbox) async throws {
        let unit = try String(contentsOfFile: Programs.root + "/contrib/systemd/supd.service", encoding: .utf8)
        try await sandbox.write(
            "/etc/systemd/system/supd.service", unit.replacing("=/usr/bin/sup", with: "=/under-test/sup"))
        try await sandbox.write("/etc/supd/supd.toml", services)
        for (name, script) in scripts { try await sandbox.write("/run/scripts/\(name)", script) }
        _ = try await sandbox.require("systemctl daemon-reload && systemctl start supd.service")
    }

    private func entries(_ match: String, in sandbox: Sandbox, where fits: ([JSONValue]) -> Bool) async throws
        -> [JSONValue]
    {
        let deadline = Deadline.usual
        while true {
            let text = try await sandbox.require("journalctl --sync; journalctl --no-pager --all -o json \(match)")
            let found = try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            if fits(found) { return found }
            if deadline.hasPassed { throw Failure("\(match): \(text.suffix(4000))") }
        }
    }

    // MARK: What arrives

    @Test func linesOfAnySizeAndAnyBytesArriveAsTheyAre() async throws {
        try await Sandbox.run { sandbox in
            let script = #"""
                head -c 900000 /dev/zero | tr '\0' x; echo
                printf '<4>bytes \377\001 end\n'
                exec sleep 1000
                """#
            try await start(
                TOML.service("big", ["/bin/sh", "/run/scripts/big"], #"log = { max_line = "1MiB" }"#),
                scripts: ["big": script], in: sandbox)
            let found = try await entries("SYSLOG_IDENTIFIER=big", in: sandbox) { $0.count >= 2 }
            #expect(found[0].MESSAGE.string == String(repeating: "x", count: 900_000))
            // What is no text is shown as its bytes.
            #expect(
                found[1].MESSAGE.array.map(\.int) == Array("bytes ".utf8).map(Int.init) + [255, 1] + [
                    32, 101, 110, 100,
                ])
            #expect(found[1].PRIORITY == "4")
            #expect(found.allSatisfy { $0.SUPD_SERVICE == "big" && $0.SUPD_INSTANCE == "big" })
        }
    }

    @Test func supctlShowsWhatTheJournalHasOfAService() async throws {
        try await Sandbox.run { sandbox in
            let script = "echo to-the-journal; exec sleep 1000"
            try await start(
                TOML.service("web", ["/bin/sh", "/run/scripts/web"])
                    + TOML.service("other", ["/bin/sh", "/run/scripts/web"]),
                scripts: ["web": script], in: sandbox)
            _ = try await entries("SUPD_SERVICE=web", in: sandbox) { $0.contains { $0.MESSAGE == "to-the-journal" } }
            let shown = try await sandbox.require("/under-test/supctl logs --journal --json web")
            let found = try shown.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
            #expect(
                found.contains { $0.MESSAGE == "to-the-journal" } && found.allSatisfy { $0.SUPD_SERVICE == "web" },
                "\(shown)")
            let none = try await sandbox.require(
                "/under-test/supctl logs --journal --grep to-the-jour --since 1h -n 1 web; /under-test/supctl logs --journal --grep nothing web || true"
            )
            #expect(none.contains("to-the-journal") && none.contains("No entries"), "\(none)")
            // Also without a daemon.
            let after = try await sandbox.require("systemctl stop supd.service; /under-test/supctl logs --journal web")
            #expect(after.contains("to-the-journal"), "\(after)")
        }
    }

    @Test func supctlFindsWhatIsInANamespaceOfTheJournal() async throws {
        try await Sandbox.run { sandbox in
            try await sandbox.write(
                "/etc/systemd/system/supd.service.d/namespace.conf", "[Service]\nLogNamespace=own\n")
            try await start(
                TOML.service("web", ["/bin/sh", "-c", "echo to-the-namespace; exec sleep 1000"]), scripts: [:],
                in: sandbox)
            _ = try await sandbox.output(of: "/under-test/supctl logs --journal web") {
                $0.contains("web is running") && $0.contains("to-the-namespace")
            }
            #expect(try await sandbox.shell("journalctl --no-pager SUPD_SERVICE=web").output == "-- No entries --\n")
        }
    }

    @Test func supctlFollowsTheJournalAndEndsAsJournalctlDoes() async throws {
        try await Sandbox.run { sandbox in
            let script = """
                mkfifo /run/go
                exec 3<>/run/go
                echo number 1
                for i in 2 3; do read x <&3; echo number $i; done
                exec sleep 1000
                """
            let web = TOML.service("web", ["/bin/sh", "/run/scripts/web"])
            try await start(web, scripts: ["web": script], in: sandbox)
            _ = try await entries("SUPD_SERVICE=web", in: sandbox) { $0.contains { $0.MESSAGE == "number 1" } }
            let logs = "/under-test/supctl logs --journal"
            _ = try await sandbox.require("\(logs) -f -n 5 web >/run/followed 2>&1 & echo $! >/run/follower")
            func followed(_ count: Int) async throws -> String {
                try await sandbox.output(of: "cat /run/followed") { $0.contains("number \(count)\n") }
            }
            for count in 2...3 {
                _ = try await followed(count - 1)
                _ = try await sandbox.require("echo on >/run/go")
            }
            let text = try await followed(3)
            #expect(text.matches(of: /web\[\d+\]: number (\d)\n/).map { $0.1 } == ["1", "2", "3"], "\(text)")
            // It is journalctl by now, and ends by a signal as that does.
            let follower = try await sandbox.require("cat /run/follower").dropLast()
            _ = try await sandbox.require("grep -q journalctl /proc/\(follower)/comm && kill -TERM \(follower)")
            _ = try await sandbox.output(of: "ls /proc/\(follower) 2>&1") { $0.contains("No such file") }

            // What each shows, and ends with, is what journalctl does.
            _ = try await sandbox.require("journalctl --sync")
            for (options, journalctl) in [
                ("-n 1", "-n 1"), ("-n 2 --grep number", "-n 2 --grep=number"), ("--grep nowhere", "--grep=nowhere"),
                ("--since 1h", "-n 20 --since=-1h"), ("--since 2100-01-01T00:00:00Z", "-n 20 --since=@4102444800"),
            ] {
                let shown = try await sandbox.shell("\(logs) \(options) web")
                let expected = try await sandbox.shell("journalctl --no-pager \(journalctl) SUPD_SERVICE=web")
                #expect(shown.ending == expected.ending && shown.output == expected.output, "\(options): \(shown)")
                #expect(shown.error == expected.error, "\(options): \(shown)")
            }
            let last = try await sandbox.require("\(logs) -n 2 --grep number --json web")
            let found = try last.split(separator: "\n").map { try JSONValue(parsing: String($0)).MESSAGE }
            // With both journalctl looks from the end backwards, and shows what it finds (journalctl(1), --grep).
            #expect(found == ["number 3", "number 2"], "\(last)")
        }
    }

    @Test func whoMayNotSeeTheJournalIsToldSo() async throws {
        try await Sandbox.run { sandbox in
            try await start(
                "[supervisor.access]\nobserve = [65534]\n"
                    + TOML.service("web", ["/bin/sh", "-c", "echo to-the-journal; exec sleep 1000"]), scripts: [:],
                in: sandbox)
            _ = try await entries("SUPD_SERVICE=web", in: sandbox) { $0.contains { $0.MESSAGE == "to-the-journal" } }
            func logs(as user: String) async throws -> Output {
                try await sandbox.shell("setpriv \(user) --clear-groups /under-test/supctl logs --journal web")
            }
            let nobody = try await logs(as: "--reuid=65534 --regid=65534")
            #expect(nobody.code == 1 && nobody.output.isEmpty || nobody.output == "-- No entries --\n", "\(nobody)")
            #expect(nobody.error.contains("insufficient permissions"), "\(nobody)")
            // supd lets this one know nothing, whatever the journal would.
            let stranger = try await logs(as: "--reuid=65533 --regid=65533")
            #expect(stranger.code == 5 && stranger.output.isEmpty, "\(stranger)")
            #expect(stranger.error.hasPrefix("supctl: "), "\(stranger)")
            let without = try await sandbox.shell("PATH=/nowhere /under-test/supctl logs --journal web")
            #expect(without.code == 1 && without.output.isEmpty, "\(without)")
            #expect(without.error.contains("journalctl(1), which 'logs --journal' runs, is not here"), "\(without)")
        }
    }

    // MARK: Restarted and stopped

    /// Writes numbered lines without end, and into a file how many, until it is told that it is enough.
    private static let flood = """
        i=0
        while [ ! -e /run/enough ]; do
            seq -f 'line %.0f' $((i + 1)) $((i + 50))
            i=$((i + 50))
            echo $i >/run/count.new && mv /run/count.new /run/count
            sleep 0.005
        done
        echo "end $i"
        exec sleep 1000
        """

    private func startFlood(in sandbox: Sandbox) async throws {
        try await start(
            TOML.service("flood", ["/bin/sh", "/run/scripts/flood"]), scripts: ["flood": Self.flood], in: sandbox)
    }

    private func written(in sandbox: Sandbox) async throws -> Int {
        let text = try await sandbox.shell("cat /run/count").output
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    }

    /// Waits until so many more lines are written.
    private func letFlow(_ lines: Int, in sandbox: Sandbox) async throws {
        let wanted = try await written(in: sandbox) + lines
        let deadline = Deadline.usual
        while try await written(in: sandbox) < wanted {
            if deadline.hasPassed { throw Failure("the flood stands still at \(try await written(in: sandbox))") }
        }
    }

    /// Ends the flood, and answers how many lines it has written and which of them are in the journal.
    private func endFlood(in sandbox: Sandbox) async throws -> (written: Int, numbers: [Int]) {
        _ = try await sandbox.require("touch /run/enough")
        let text = try await sandbox.output(
            of: "journalctl --sync; journalctl --no-pager -o cat SYSLOG_IDENTIFIER=flood", within: 60
        ) { $0.contains("\nend ") }
        let lines = text.split(separator: "\n")
        let end = try #require(lines.last?.split(separator: " ").last.flatMap { Int($0) })
        return (end, lines.dropLast().compactMap { Int($0.dropFirst("line ".count)) })
    }

    /// What supd says that it had to drop, and what it says may be lost beside.
    private func toldLosses(in sandbox: Sandbox) async throws -> (dropped: Int, unread: Int) {
        let text = try await sandbox.require("journalctl --no-pager -o cat SYSLOG_IDENTIFIER=supd")
        func sum(_ pattern: Regex<(Substring, Substring)>) -> Int {
            text.matches(of: pattern).compactMap { Int($0.1) }.reduce(0, +)
        }
        return (
            sum(/(\d+) lines? dropped: the journal did not take/),
            sum(/up to (\d+) of the last lines before this are lost/)
        )
    }

    @Test func aJournaldThatIsRestartedUnderLoadGetsEveryLine() async throws {
        try await Sandbox.run { sandbox in
            try await startFlood(in: sandbox)
            for _ in 1...3 {
                try await letFlow(500, in: sandbox)
                // Without its standard limit for starts.
                _ = try await sandbox.require(
                    "systemctl reset-failed systemd-journald.service; systemctl restart systemd-journald.service")
            }
            try await letFlow(500, in: sandbox)
            let (written, numbers) = try await endFlood(in: sandbox)
            #expect(numbers == Array(1...written), "\(numbers.count) of \(written)")
            let told = try await toldLosses(in: sandbox)
            #expect(told.dropped == 0 && told.unread == 0, "\(told)")
        }
    }

    @Test func ofAJournaldThatIsStoppedUnderLoadEveryLineIsAccountedFor() async throws {
        try await Sandbox.run { sandbox in
            try await startFlood(in: sandbox)
            try await letFlow(500, in: sandbox)
            _ = try await sandbox.require(
                "systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service")
            // More than supd keeps.
            try await letFlow(5000, in: sandbox)
            _ = try await sandbox.require("systemctl start systemd-journald.socket systemd-journald.service")
            _ = try await entries("SYSLOG_IDENTIFIER=supd", in: sandbox) { found in
                found.contains { $0.MESSAGE.string?.hasPrefix("the journal can be reached again") == true }
            }
            try await letFlow(500, in: sandbox)
            let (written, numbers) = try await endFlood(in: sandbox)
            #expect(numbers == Array(Set(numbers)).sorted(), "twice, or out of order")
            let missing = written - numbers.count
            let (dropped, unread) = try await toldLosses(in: sandbox)
            #expect(dropped > 1000)
            // What journald had read and not written when it was stopped, nobody can tell.
            let inItsHands = 100
            #expect(
                missing >= dropped && missing <= dropped + unread + inItsHands,
                "\(missing), told \(dropped) and \(unread)")
            let status = try JSONValue(parsing: try await sandbox.require("/under-test/supctl status --json flood"))
            #expect(status.services.array.map { $0.state } == ["RUNNING"])
        }
    }

    // MARK: A stream of its own

    @Test func aServiceWithAStreamOfItsOwnWritesPastSupd() async throws {
        try await Sandbox.run { sandbox in
            let script = #"""
                echo "<3>begun by $(id -un)"
                [ "$JOURNAL_STREAM" = "$(stat -L -c %d:%i /proc/self/fd/2)" ] && echo 'as JOURNAL_STREAM says' >&2
                exec sleep 1000
                """#
            let direct = [#"log = { sink = "journal-direct" }"#, #"user = "nobody""#]
            try await start(
                TOML.service("direct", ["/bin/sh", "/run/scripts/direct"], direct[0], direct[1], "instances = 2"),
                scripts: ["direct": script], in: sandbox)
            let found = try await entries("-t direct@2", in: sandbox) { $0.count >= 2 }
            #expect(found.map { $0.MESSAGE } == ["begun by nobody", "as JOURNAL_STREAM says"])
            #expect(found.map { $0.PRIORITY } == ["3", "6"])
            for entry in found {
                #expect(entry._TRANSPORT == "stdout" && entry._SYSTEMD_UNIT == "supd.service")
                #expect(entry.SUPD_SERVICE.string == nil)
            }
            let logs = try await sandbox.shell("/under-test/supctl logs direct@2")
            #expect(logs.output.isEmpty)
            #expect(
                logs.error
                    == "supctl: direct@2: nothing is kept: log.sink is \"journal-direct\": journalctl -t direct@2\n")

            // Without a journal its lines go by way of supd, until its next start.
            let stop = "systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald.service"
            _ = try await sandbox.require("\(stop) && /under-test/supctl restart direct@2")
            _ = try await sandbox.require("systemctl start systemd-journald.socket systemd-journald.service")
            let piped = try await entries("SUPD_INSTANCE=direct@2", in: sandbox) { found in
                found.contains { $0.SYSLOG_IDENTIFIER == "direct@2" }
            }
            #expect(piped.contains { $0.MESSAGE == "begun by nobody" && $0.PRIORITY == "3" })
            #expect(
                piped.contains {
                    $0.MESSAGE.string?.contains("until its next start its lines go by way of supd") == true
                })
            #expect(try await sandbox.require("/under-test/supctl logs direct@2").contains("error: begun by nobody"))
            _ = try await sandbox.require("/under-test/supctl restart direct@2")
            _ = try await entries("-t direct@2 _TRANSPORT=stdout", in: sandbox) { $0.count >= 4 }
        }
    }
}
