import SupdConfiguration
import Testing

/// A stop that a shutdown has no time for is said where it is configured.
@Suite struct StopTimeTests {
    private func service(_ name: String, _ lines: String...) -> String {
        "[service.\(name)]\nexec_start = \"/bin/\(name)\"\n" + lines.map { $0 + "\n" }.joined()
    }

    @Test func aStopThatDoesNotFitIsWarnedOfWithTheKeysToRaise() throws {
        let warnings = try Load.warnings(
            "[supervisor.drain]\ntimeout = \"60s\"\n" + service("worker", "timeout_stop = \"3600s\""))
        #expect(
            warnings == [
                "5:16: warning: 'worker' may take 1h to stop, and a shutdown kills what has not stopped after 40s: "
                    + "raise 'services' and 'timeout' of [supervisor.drain], or let it take less"
            ])
    }

    @Test func whatFitsIsNotWarnedOf() throws {
        #expect(try Load.warnings(service("worker", "timeout_stop = \"40s\"")).isEmpty)
        let raised = "[supervisor.drain]\ntimeout = \"2h\"\nservices = \"1h\"\n"
        #expect(try Load.warnings(raised + service("worker", "timeout_stop = \"3600s\"")).isEmpty)
    }

    @Test func everyWayToTakeLongCounts() throws {
        let ways = [
            "stop_steps = [{ signal = \"TERM\", wait = \"30s\" }, { signal = \"INT\", wait = \"11s\" }]",
            "exec_stop = { command = \"/bin/x\", timeout = \"31s\" }",
            "exec_stop = { command = \"/bin/x\", timeout = \"0\" }",
            "timeout_stop = \"21s\"\nexec_stop = [\"/bin/x\"]",
            "exec_stop_post = { command = \"/bin/x\", timeout = \"31s\" }",
            "timeout_stop = \"21s\"\nexec_stop_post = [\"/bin/x\"]",
        ]
        for way in ways { #expect(try Load.warnings(service("worker", way)).count == 1, "\(way)") }
    }

    @Test func aHookOfTheDaemonsThatItsPhaseHasNoTimeForIsWarnedOf() throws {
        func warnings(_ at: String, _ budget: String) throws -> [String] {
            let hook = "{ run = \"leave-pool\", at = \"\(at)\", weight = 0.5, budget = \"\(budget)\" }"
            return try Load.warnings("[supervisor]\nhooks = [\n    \(hook),\n]\n")
        }
        #expect(
            try warnings("before-services", "50s") == [
                "3:5: warning: the hook 'leave-pool' may take 50s, and a shutdown cancels what is not done after the 5s of 'quiesce': "
                    + "raise 'quiesce' and 'timeout' of [supervisor.drain], or let it take less"
            ])
        #expect(try warnings("after-services", "6s").first?.contains("after the 5s of 'flush': raise 'flush' ") == true)
        #expect(try warnings("after-services", "5s").isEmpty)
    }

    @Test func aTimeWithoutALimitIsSaidAsOne() throws {
        let endless = "exec_stop = { command = \"/bin/x\", timeout = \"infinity\" }"
        let warnings = try Load.warnings(
            service("a", "timeout_stop = \"15s\"") + service("b", endless, "requires = \"a\""))
        #expect(warnings.count == 2)
        #expect(warnings[0].contains("'a' may take 15s to stop, after any time that it waits for 'b' "), "\(warnings)")
        #expect(warnings[1].contains("'b' may take any time to stop, and a shutdown kills what "), "\(warnings)")
    }

    @Test func aTimeOfTheDefaultsIsOfEachServiceThatTakesIt() throws {
        let text =
            "[defaults]\ntimeout_stop = \"2min\"\n" + service("a") + service("b") + service("c", "timeout_stop = 1")
        let warnings = try Load.warnings(text)
        #expect(warnings.count == 2 && warnings.allSatisfy { $0.hasPrefix("2:16: warning: ") }, "\(warnings)")
    }

    @Test func theTimeThatDependentsTakeIsNotThereForWhatTheyNeed() throws {
        let slow = "timeout_stop = \"15s\""
        let warnings = try Load.warnings(
            service("a", slow) + service("b", slow, "requires = \"a\"") + service("c", slow, "after = \"b\""))
        #expect(warnings.count == 1)
        #expect(
            warnings[0].hasPrefix("3:16: warning: 'a' may take 15s to stop, after the up to 30s that it waits for 'b' ")
        )
    }

    @Test func aOneshotBetweenThemHasEndedLongBefore() throws {
        let slow = "timeout_stop = \"15s\""
        let row = service("a", slow) + service("b", "type = \"oneshot\"", "timeout_stop = \"40s\"", "requires = \"a\"")
        #expect(try Load.warnings(row + service("c", slow, "requires = \"b\"")).isEmpty)
        #expect(try Load.warnings(row + service("c", "timeout_stop = \"30s\"", "requires = \"b\"")).count == 1)
        #expect(try Load.warnings(service("d", "type = \"oneshot\"", "timeout_stop = \"50s\"")).count == 1)
    }

    @Test func aRowOfServicesThatSayNothingOfTheirStopIsNoMistake() throws {
        let row =
            service("a") + (1...9).map { service("a\($0)", "requires = \"\($0 == 1 ? "a" : "a\($0 - 1)")\"") }.joined()
        #expect(try Load.warnings(row).isEmpty)
        #expect(try Load.warnings("[supervisor.drain]\ntimeout = \"6s\"\n" + service("a")).count == 1)
    }

    @Test func aFileWithAFaultHasNoWarnings() {
        let faults = Load.faults(service("worker", "timeout_stop = \"3600s\"", "nice = 99"))
        #expect(faults.count == 1)
    }

    @Test func thousandsOfWarningsAreBounded() throws {
        let text = "[defaults]\ntimeout_stop = \"2min\"\n" + (1...1500).map { service("s\($0)") }.joined()
        let warnings = try Load.good(text).warnings
        #expect(warnings.count == 1001 && warnings.last?.message == "500 more warnings are not shown")
        #expect(warnings.allSatisfy { $0.severity == .warning })
    }
}
