import SupdPlugin

/// Says goodbye.
struct Goodbye: ShutdownHook {
    let whom: String

    func run(_ context: HookContext) async throws {
        context.logger.notice("goodbye, \(whom): \(context.cause)")
    }
}
