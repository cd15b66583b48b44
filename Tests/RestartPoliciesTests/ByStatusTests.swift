import SupdPlugin
import Testing

@Suite struct ByStatusTests {
    private static let options: [String: OptionValue] = [
        "restart": .exitStatuses(ExitStatusSet(codes: [0, 3], signals: [.term])),
        "stay": .exitStatuses(ExitStatusSet(codes: [4], signals: [.kill])),
        "give_up": .exitStatuses(ExitStatusSet(codes: [5], signals: [.quit])),
    ]

    @Test(arguments: [
        (ExitOutcome.exited(code: 0), RestartDecision.restart), (.exited(code: 3), .restart),
        (.signaled(.term, coreDumped: false), .restart), (.exited(code: 4), .stay),
        (.signaled(.kill, coreDumped: false), .stay),
        (.exited(code: 5), .giveUp(reason: "exit code 5 is in its 'give_up'")),
        (.signaled(.quit, coreDumped: true), .giveUp(reason: "killed by SIGQUIT (core dumped) is in its 'give_up'")),
    ])
    func whatIsListedIsDone(outcome: ExitOutcome, expected: RestartDecision) throws {
        for otherwise in ["no", "on-success", "on-failure", "on-abnormal", "always"] {
            var life = try PolicyLife(
                "by-status", Self.options.merging(["otherwise": .word(otherwise)]) { $1 })
            #expect(life.end(outcome) == expected)
        }
    }

    @Test func whatIsNotListedIsForTheOtherPolicy() throws {
        var plain = try PolicyLife("by-status", Self.options)
        #expect(plain.end(.exited(code: 6)) == .restart)
        #expect(plain.end(.signaled(.hup, coreDumped: false)) == .stay)
        var no = try PolicyLife("by-status", Self.options.merging(["otherwise": .word("no")]) { $1 })
        #expect(no.end(.exited(code: 6)) == .stay)
    }

    @Test func anOverrunTimeAndAFailedSpawnAreInNoList() throws {
        let missing = SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/nowhere")
        var life = try PolicyLife("by-status", Self.options)
        #expect(life.end(.signaled(.kill, coreDumped: false), forced: .startTimeout) == .restart)
        #expect(life.end(.spawnFailed(missing)) == .restart)
    }

    @Test func anEndInTwoListsIsRefusedAtTheSecond() {
        let error = #expect(throws: OptionError.self) {
            try PolicyLife.make(
                "by-status",
                Self.options.merging(["give_up": .exitStatuses(ExitStatusSet(codes: [9, 3], signals: [.term]))]) { $1 })
        }
        #expect(
            error == OptionError(option: "give_up", message: "has [3, \"SIGTERM\"], which 'restart' has already"))
    }
}
