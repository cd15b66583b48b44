import SupdPlugin

/// `command`: runs a program to its end.
struct CommandHook: ShutdownHook {
    static let options = [
        OptionDeclaration(
            "command", .command, standard: nil, "The program and its arguments. '$' and '%' are characters like others."
        )
    ]

    let words: [String]

    init(_ options: PluginOptions) {
        words = options.texts("command")
    }

    func run(_ context: HookContext) async throws {
        let command = ProcessCommand(words, environment: Self.environment(of: context))
        let outcome = try await context.plugin.processes.run(command)
        if let problem = outcome.problem(of: command) { throw HookFailure(problem) }
    }

    /// What the program is told of why it is run.
    static func environment(of context: HookContext) -> [String: String] {
        var environment = ["SUPD_HOOK_POINT": context.point.rawValue, "SUPD_CAUSE": context.cause]
        if let service = context.service {
            environment["SUPD_SERVICE"] = "\(service.name.service)"
            environment["SUPD_INSTANCE"] = "\(service.name)"
            environment["SUPD_MAIN_PID"] = service.pid.map(String.init)
        }
        return environment
    }
}
