import SupdPlugin
import Testing

@Suite struct WordsTests {
    @Test(arguments: ["web", "a", "0", "_x", "php8.2-fpm", "a:b", String(repeating: "n", count: 64)])
    func namesOfServicesAreTaken(name: String) {
        #expect(ServiceName(name)?.rawValue == name)
    }

    @Test(arguments: ["", "-web", ".web", "web@1", "a b", "a/b", "ü", "a\n", "*", String(repeating: "n", count: 65)])
    func whatCouldBeMistakenIsNoName(name: String) {
        #expect(ServiceName(name) == nil)
    }

    @Test func anInstanceIsNamedByServiceAndIndex() throws {
        let web = try #require(ServiceName("web"))
        #expect(InstanceName(service: web, index: nil).description == "web")
        #expect(InstanceName(service: web, index: 2).description == "web@2")
    }

    @Test(arguments: ["SIGTERM", "TERM", "term", "sigterm"])
    func aSignalHasSeveralSpellings(name: String) {
        #expect(Signal(name: name) == .term)
    }

    @Test(arguments: [
        "", "SIG", "SIGFOO", "0", "65", "-1", "SIGRTMIN+31", "RTMIN+-1", "RTMIN++3", "RTMIN+", "RTMAX+1", "15", "SIG15",
    ])
    func whatIsNoSignalIsRefused(name: String) {
        #expect(Signal(name: name) == nil)
    }

    @Test(arguments: [("SIGRTMIN", 34), ("RTMAX", 64), ("SIGRTMAX-2", 62), ("IOT", 6), ("SIGPOLL", 29), ("CLD", 17)])
    func aSignalHasTheNamesThatKillTakes(name: String, number: Int32) {
        #expect(Signal(name: name)?.rawValue == number)
    }

    @Test func onACommandLineItsNumberWillDo() {
        #expect(Signal(argument: "15") == .term && Signal(argument: "term") == .term)
        for text in ["0", "65", "-1", "+9", "99999999999", ""] { #expect(Signal(argument: text) == nil) }
        for text in ["15", "SIGTREM", "TERMM", "trem"] { #expect(Signal.closestName(to: text) == "SIGTERM", "\(text)") }
        #expect(Signal.closestName(to: "web") == nil)
    }

    @Test func everySignalIsReadBackByItsName() throws {
        for number in Int32(1)...64 {
            let signal = try #require(Signal(rawValue: number))
            // 32 and 33 are the C library's own (signal(7)) and have no name.
            if number == 32 || number == 33 { continue }
            #expect(Signal(name: signal.description) == signal)
        }
    }

    @Test func successIsCodeZeroTheCleanSignalsAndTheServicesOwnSet() {
        let rules = ExitStatusRules(success: ExitStatusSet(codes: [3], signals: [.usr1]))
        func isSuccess(_ outcome: ExitOutcome, forced: ForcedEnd? = nil) -> Bool {
            rules.isSuccess(
                ExitRecord(attempt: 1, pid: 1, outcome: outcome, forced: forced, ranFor: .seconds(1)))
        }
        #expect(isSuccess(.exited(code: 0)) && isSuccess(.exited(code: 3)))
        #expect(isSuccess(.signaled(.term, coreDumped: false)) && isSuccess(.signaled(.usr1, coreDumped: false)))
        #expect(!isSuccess(.exited(code: 1)) && !isSuccess(.signaled(.kill, coreDumped: false)))
        #expect(
            !isSuccess(.exited(code: 0), forced: .startTimeout) && !isSuccess(.exited(code: 3), forced: .startTimeout))
        let failure = SpawnFailure(stage: .exec, error: ErrorNumber(2), subject: "/x")
        #expect(!isSuccess(.spawnFailed(failure)))
        #expect(failure.description == "exec of /x: ENOENT (No such file or directory)")
        #expect(
            SpawnFailure(stage: .groups, error: ErrorNumber(1), subject: "[0]").description
                == "groups of [0]: EPERM (Operation not permitted); "
                + "to have other groups, or those of another 'user', takes CAP_SETGID, which this supd has not: root has it, where "
                + "it was not taken away")
    }

    @Test func aSecondPolicyOfTheSameNameIsAConflictAndNotTaken() {
        struct Twice: Plugin {
            struct Stay: RestartPolicy {
                func decide(_ context: RestartContext) -> RestartDecision { .stay }
            }
            let name: String
            func register(in registrar: inout PluginRegistrar) {
                registrar.restartPolicy("stay", isDefault: true) { (_) throws(OptionError) in Stay() }
            }
        }
        let registrar = PluginRegistrar([Twice(name: "first"), Twice(name: "second")])
        #expect(registrar.conflicts == ["plugin 'second' brings a restart policy 'stay', which plugin 'first' has"])
        #expect(registrar.restartPolicies["stay"]?.plugin == "first")
        #expect(registrar.restartPolicies.standard == "stay")
    }
}
