import SupdPlugin

/// `exec`: runs a program; exit code 0 is yes.
struct ExecProbe: Probe {
    static let options = [
        OptionDeclaration(
            "command", .command, standard: nil, "The program and its arguments. '$' and '%' are characters like others."
        )
    ]

    let words: [String]

    init(_ options: PluginOptions) {
        words = options.texts("command")
    }

    func probe(_ context: ProbeContext) async throws {
        let command = ProcessCommand(words, environment: Self.environment(of: context))
        let outcome = try await context.plugin.processes.run(command)
        if let problem = outcome.problem(of: command) { throw ProbeFailure(problem) }
    }

    /// What the program is told of whom it asks.
    static func environment(of context: ProbeContext) -> [String: String] {
        let name = context.service.name
        var environment = [
            "SUPD_PROBE": context.purpose.rawValue, "SUPD_SERVICE": "\(name.service)", "SUPD_INSTANCE": "\(name)",
        ]
        environment["SUPD_MAIN_PID"] = context.service.pid.map(String.init)
        return environment
    }
}

/// Why a probe says no, as a sentence for `supctl status`.
struct ProbeFailure: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
