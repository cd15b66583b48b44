import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct DefaultsTests {
    @Test func aDefaultAppliesWhereAServiceDoesNotSetTheKey() throws {
        let service = try Load.service("nice = 1", defaults: "nice = 5\nenabled = false\ntags = [\"all\"]")
        #expect(service.conduct.nice == 1 && !service.conduct.enabled && service.tags == ["all"])
    }

    @Test func tablesOfManyKeysAreTakenTogetherKeyByKey() throws {
        let service = try Load.service(
            """
            log = { sink = "file" }
            environment = { B = "own", C = "own" }
            limits = { core = 0 }
            resources = { pids_max = 10 }
            """,
            defaults: """
                log = { file = "/var/log/%n.log", rotate_keep = 2 }
                environment = { A = "default", B = "default" }
                limits = { core = 1, nofile = 10 }
                resources = { memory_max = "1GiB", pids_max = 20 }
                """)
        #expect(
            service.conduct.log.sink == .file && service.conduct.log.file == "/var/log/%n.log"
                && service.conduct.log.rotateKeep == 2)
        #expect(service.environment.map { "\($0.name)=\($0.value)" } == ["A=default", "B=own", "C=own"])
        #expect(service.conduct.limits.map(\.soft).sorted() == [0, 10])
        #expect(
            service.conduct.resources == [
                .init(key: "memory_max", value: "1073741824"), .init(key: "pids_max", value: "10"),
            ])
    }

    @Test func aBackoffIsReplacedWhole() throws {
        let service = try Load.service(
            "backoff = \"linear\"", defaults: "backoff = { policy = \"exponential\", reset_after = \"5s\" }")
        #expect(service.conduct.backoffName == "linear" && service.conduct.backoff.resetAfter == .seconds(60))
    }

    @Test func whoSetsHowItIsStoppedSetsAllOfIt() throws {
        let steps = "stop_steps = [{ signal = \"SIGINT\", wait = \"2s\" }]"
        let one = "kill_signal = \"SIGQUIT\"\ntimeout_stop = \"3s\""
        #expect(try Load.service(steps, defaults: one).conduct.stopSteps == [StopStep(signal: .int, wait: .seconds(2))])
        #expect(
            try Load.service("timeout_stop = \"4s\"", defaults: steps).conduct.stopSteps
                == [StopStep(signal: .term, wait: .seconds(4))])
        #expect(
            try Load.service("timeout_stop = \"4s\"", defaults: one).conduct.stopSteps
                == [StopStep(signal: .quit, wait: .seconds(4))])
    }

    @Test(arguments: [
        "exec_start", "requires", "wants", "after", "before", "binds_to", "part_of", "sockets", "description",
    ])
    func whatBelongsToOneServiceCannotStandThere(key: String) {
        #expect(
            Load.faults("[defaults]\n\(key) = \"x\"\n[service.a]\nexec_start = \"a\"\n") == [
                "2:1: '\(key)' cannot stand in [defaults]: say it in each [service.NAME]"
            ])
    }

    @Test func aMistakeInThemIsToldOnceHoweverManyServicesThereAre() {
        let services = (1...5).map { "[service.s\($0)]\nexec_start = \"a\"\n" }.joined()
        #expect(
            Load.faults("[defaults]\nnice = 50\nlog = { sink = \"x\", foo = 1 }\n\(services)").count == 3)
        #expect(Load.faults("[defaults]\nnice = 50\nlog = { sink = \"x\", foo = 1 }\n").count == 3)
    }

    @Test func aRotationMayWaitThereForAServiceWithAFile() throws {
        let defaults = "log = { file = \"/l/%n\", rotate_keep = 1 }"
        #expect(try Load.service("", defaults: defaults).conduct.log.sink == .auto)
        #expect(
            try Load.fault("log = { sink = \"none\", rotate_keep = 1 }")
                == "3:24: 'log.rotate_keep' is used only with sink = \"file\", and the sink is \"none\"")
    }

    @Test func whatIsForALongRunIsNotForAOneshot() throws {
        let defaults =
            "exec_stop = \"/bin/a\"\nexec_reload = \"/bin/b\"\nexec_stop_post = \"/bin/c\"\nruntime_max = \"1d\""
        let oneshot = try Load.service("type = \"oneshot\"", defaults: defaults)
        #expect(
            oneshot.conduct.commands.keys.map(\.rawValue) == ["exec_stop_post"] && oneshot.conduct.runtimeMax == nil)
        let other = try Load.service("", defaults: defaults)
        #expect(other.conduct.commands.count == 3 && other.conduct.runtimeMax == .seconds(86_400))
    }

    @Test func anEmptyListTakesTheCommandsOfTheDefaultsAway() throws {
        #expect(
            try Load.service("exec_start_pre = []", defaults: "exec_start_pre = \"/bin/a\"").conduct.commands.isEmpty)
    }

    @Test func theyMayStandInAnotherFile() throws {
        let configuration = try Load.good(
            "include = \"d.toml\"\n[service.a]\nexec_start = \"a\"\n", ["/etc/supd/d.toml": "[defaults]\nnice = 3\n"])
        #expect(configuration.services.first?.conduct.nice == 3)
    }
}
