/// A process that has begun.
public struct SpawnedProcess: Hashable, Sendable {
    /// The host's handle.
    public var handle: ProcessHandle
    /// The process id, and the id of its session and process group.
    public var pid: Int32
    /// The reading end of its standard output.
    public var output: Channel?
    /// The reading end of its standard error, where that has a pipe of its own.
    public var errorOutput: Channel?

    /// A process of these.
    public init(handle: ProcessHandle, pid: Int32, output: Channel?, errorOutput: Channel?) {
        self.handle = handle
        self.pid = pid
        self.output = output
        self.errorOutput = errorOutput
    }
}
