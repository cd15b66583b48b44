/// Work off the loop.
package protocol HostWork: AnyObject {
    /// Runs `body` on Swift's pool, which starts with the first. `.workEnded` tells of its end, also where it was cancelled;
    /// nothing on the loop waits for it. A number is used once.
    func begin(_ work: WorkID, named name: String, _ body: @escaping @Sendable () async throws -> Void)
    /// Cancels the work's task. Nothing where it has ended.
    func cancel(_ work: WorkID)
}
