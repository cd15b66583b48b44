/// The loop: what happens is told by it.
package protocol HostLoop: AnyObject {
    /// Waits until something happens, and appends it to `events`, oldest first; a turn is bounded in number.
    /// Returns at once with nothing where a signal handler of a debugger interrupted it.
    func wait(into events: inout [HostEvent])
    /// Has `wait` return soon, with nothing perhaps. From any thread.
    var waker: @Sendable () -> Void { get }
}
