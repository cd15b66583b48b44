import SupdPlugin

/// Greets, and waits to be told.
struct Hello: Job {
    let whom: String

    func run(_ context: JobContext) async throws {
        context.logger.notice("hello, \(whom)")
        await context.shutdown.wait()
    }
}
