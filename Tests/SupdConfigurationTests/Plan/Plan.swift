import SupdPlugin
import Testing

@testable import SupdConfiguration

/// Plans between two texts.
struct Plan {
    static func from(_ old: String, to new: String, _ files: [String: String] = [:]) throws -> ConfigurationPlan {
        ConfigurationPlan(from: try Load.good(old, files), to: try Load.good(new, files))
    }

    /// A file with the service `web` of these keys, and `db` beside it.
    static func web(_ keys: [String: String] = [:], defaults: String = "") -> String {
        let lines = keys.merging(["exec_start": "\"/bin/web\""]) { own, _ in own }.sorted { $0.key < $1.key }
        return "[defaults]\n\(defaults)\n[service.web]\n" + lines.map { "\($0.key) = \($0.value)\n" }.joined()
            + "[service.db]\nexec_start = \"/bin/db\"\n"
    }

    /// What becomes of `web`, as the one thing that is different.
    static func change(_ old: String, _ new: String) throws -> ServiceChange {
        let plan = try from(old, to: new)
        try #require(
            plan.services.count == 1 && plan.unchanged == 1 && plan.supervisor.isEmpty && plan.plugins.isEmpty,
            "\(plan)")
        #expect(plan.services[0].name.rawValue == "web")
        return plan.services[0]
    }

    /// A value that each key may have in a service that otherwise says only its command.
    static let samples: [ServiceKey: String] = [
        .description: "\"the site\"", .type: "\"oneshot\"", .enabled: "false", .essential: "true", .instances: "2",
        .tags: "[\"front\"]", .access: "{ operate = [\"jo\"] }", .execStart: "[\"/bin/web\", \"--fast\"]",
        .execStartPre: "\"/bin/pre\"",
        .execStartPost: "\"/bin/post\"", .execReload: "\"/bin/reload\"", .execStop: "\"/bin/stop\"",
        .execStopPost: "[[\"/bin/a\"], [\"/bin/b\"]]", .requires: "[\"db\"]", .wants: "\"db\"", .after: "\"db\"",
        .before: "\"db\"", .bindsTo: "\"db\"", .partOf: "\"db\"", .user: "\"jo\"", .group: "\"adm\"",
        .umask: "\"0027\"",
        .nice: "5", .limits: "{ nofile = 10 }", .resources: "{ pids_max = 10 }",
        .sockets: "{ listen = \"/run/web.sock\" }",
        .supplementaryGroups: "[\"video\"]", .workingDirectory: "\"/srv\"", .oomScoreAdjust: "5",
        .noNewPrivileges: "true", .environment: "{ MODE = \"fast\" }", .environmentFiles: "\"/etc/default/web\"",
        .passEnvironment: "\"LANG\"", .restart: "\"always\"", .backoff: "\"linear\"", .successExitStatus: "3",
        .restartPreventExitStatus: "4", .restartForceExitStatus: "[5, \"TERM\"]", .startLimitBurst: "3",
        .startLimitInterval: "\"1min\"", .killSignal: "\"SIGINT\"", .timeoutStop: "20", .killMode: "\"mixed\"",
        .stopSteps: "[{ signal = \"SIGINT\", wait = 5 }]", .timeoutStart: "20", .minUptime: "5", .runtimeMax: "\"1d\"",
        .log: "{ memory = 0 }", .hooks: "[{ run = \"leave-pool\", at = \"before-stop\", weight = 0.5 }]",
        .timeoutExtendMax: "\"2h\"", .notifyAccess: "\"all\"", .watchdog: "30", .watchdogSignal: "\"SIGQUIT\"",
        .reloadSignal: "\"SIGHUP\"", .fdStoreMax: "2",
        .ready: "{ type = \"asks\", path = \"/\" }", .health: "{ type = \"asks\", path = \"/\" }",
    ]

    /// The same for each key of `log` with the sink "file".
    static let logSamples: [LogKey: String] = [
        .sink: "\"file\"", .stderr: "\"separate\"", .overflow: "\"drop\"", .memory: "0", .maxLine: "100",
        .file: "\"/var/log/b\"", .owner: "\"jo\"", .mode: "\"0600\"", .rotateSize: "0", .rotateKeep: "1",
        .levelPrefix: "false",
    ]
}
