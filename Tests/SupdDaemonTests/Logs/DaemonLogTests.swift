import SupdHost
import SupdPlugin
import Testing

@testable import SupdDaemon

@Suite struct DaemonLogTests {
    @Test func aTextLineHasTimeLevelMessageAndValues() {
        let bench = LogBench()
        bench.router.daemonLog.notice("service started", ["service": "web", "pid": "42", "why": "order by uid 0"])
        #expect(
            bench.host.standardErrorText
                == "2001-09-09T01:46:40.123Z notice service started service=web pid=42 why=\"order by uid 0\"\n")
    }

    @Test func outsideTextCannotForgeALine() {
        let bench = LogBench()
        bench.router.daemonLog.error("bad\nline", ["file": "a\" b\n\u{1B}", "empty": ""])
        #expect(bench.host.standardErrorLines.count == 1)
        #expect(bench.host.standardErrorText.hasSuffix("error bad\\x0aline file=\"a\\\" b\\x0a\\x1b\" empty=\"\"\n"))
    }

    @Test(arguments: LogLevel.allCases)
    func linesBelowTheLevelAreNotMade(level: LogLevel) {
        let bench = LogBench(level: level)
        var made = 0
        func message() -> String {
            made += 1
            return "x"
        }
        let log = bench.router.daemonLog
        log.debug(message())
        log.info(message())
        log.notice(message())
        log.warning(message())
        log.error(message())
        let expected = LogLevel.allCases.filter { $0 >= level }.map(\.rawValue)
        #expect(bench.host.standardErrorLines.map { String($0.dropFirst(25).dropLast(2)) } == expected)
        #expect(made == expected.count)
    }

    @Test func theJournalGetsPriorityAndFields() {
        let bench = LogBench(hasJournal: true)
        bench.router.daemonLog.warning("careful", ["service": "web", "last-exit": "3"])
        #expect(
            bench.host.entries == [
                FakeHost.Entry(
                    message: "careful",
                    fields: [
                        "PRIORITY": "4", "SYSLOG_IDENTIFIER": "supd", "SUPD_SERVICE": "web", "SUPD_LAST_EXIT": "3",
                    ])
            ])
        #expect(bench.host.standardErrorBytes.isEmpty)
    }

    @Test func anEntryNamesEachOfWhomItSpeaks() throws {
        let (web, api) = try (#require(ServiceName("web")), #require(ServiceName("api")))
        let instances = [
            InstanceName(service: web, index: 1), InstanceName(service: web, index: 2),
            InstanceName(service: api, index: nil),
        ]
        let bench = LogBench(hasJournal: true)
        bench.router.daemonLog.write(.info, "stop", about: instances)
        let names = bench.host.lastFields.filter { $0.name.hasPrefix("SUPD_") }.map { "\($0.name)=\($0.value)" }
        #expect(
            names == [
                "SUPD_SERVICE=api", "SUPD_SERVICE=web", "SUPD_INSTANCE=web@1", "SUPD_INSTANCE=web@2",
                "SUPD_INSTANCE=api",
            ])
        let json = LogBench(format: .json)
        json.router.daemonLog.write(.info, "one", about: instances[1])
        json.router.daemonLog.write(.info, "all", about: instances)
        #expect(
            json.host.standardErrorLines.map { $0.split(separator: ",").dropFirst(2).joined(separator: ",") } == [
                #""message":"one","service":"web","instance":"web@2"}"#, #""message":"all"}"#,
            ])
        let text = LogBench()
        text.router.daemonLog.write(.info, "one", about: instances[1])
        #expect(text.host.standardErrorText.hasSuffix(" info one\n"))
    }

    @Test func theFormatDecidesWhereItGoes() {
        let text = LogBench(format: .text, hasJournal: true)
        text.router.daemonLog.info("x")
        #expect(text.host.entries.isEmpty)
        #expect(text.host.standardErrorLines.count == 1)
        let journal = LogBench(format: .journal, hasJournal: false)
        journal.router.daemonLog.info("x")
        #expect(journal.host.entries.count == 1)
        let auto = LogBench(format: .auto, hasJournal: false)
        auto.router.daemonLog.info("x")
        #expect(auto.host.entries.isEmpty)
    }
}
