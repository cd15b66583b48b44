import SupdPlugin

/// Tells by running a program.
struct CommandChannel: NotifyChannel {
    let name = "command"
    let words: [String]
    let timeout: Duration
    let clock: NotifyClock

    func tell(_ notification: Notification, suppressed: Int, _ context: PluginContext) async throws {
        let command = ProcessCommand(words, environment: notification.environment(suppressed: suppressed))
        let processes = context.processes
        let (clock, timeout) = (clock, timeout)
        let outcome = try await withThrowingTaskGroup(of: ProcessOutcome?.self) { group in
            group.addTask { try await processes.run(command) }
            group.addTask {
                try await clock.wait(timeout)
                return nil
            }
            // Whoever is left is cancelled and awaited: a program's end is short after.
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let outcome else { throw NotifyFailure("\(command.name) has not ended after \(timeout.text)") }
        if let problem = outcome.problem(of: command) { throw NotifyFailure(problem) }
    }
}
