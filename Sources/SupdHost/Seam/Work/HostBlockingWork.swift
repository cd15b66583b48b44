/// Large pieces of work that may wait for a file system, as reading the configuration is.
package protocol HostBlockingWork: AnyObject {
    /// Makes `call` beside the loop, one after the other in the order of the calls of this, with as much stack as the first thread
    /// has. `then` is called with its result on the loop's thread, inside `wait`, which then returns; in the same order, and never
    /// before this has returned. That may be never, where the file system hangs; the calls behind that wait for it.
    ///
    /// What the result holds lies scattered between what the call needed besides. Who keeps it copies it in
    /// `then`, and calls `giveBackMemory` in a later turn, when the original is gone.
    func runAside<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void)

    /// The same of a look at files, which leaves nothing open and takes little: where it hangs it does not hold up the end of the process.
    func lookAside<Value: Sendable>(_ call: @escaping @Sendable () -> Value, then: @escaping (Value) -> Void)

    /// For work of `runAside` that reads files: where one hangs, the work does, and still does not hold up the end of the process.
    var fileCalls: FileCalls { get }
}
