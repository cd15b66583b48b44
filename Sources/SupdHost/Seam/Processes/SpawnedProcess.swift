/// A process that has begun.
package struct SpawnedProcess: Hashable, Sendable {
    /// The host's handle.
    package var handle: ProcessHandle
    /// The process id, and the id of its session and process group.
    package var pid: Int32
    /// The reading end of its standard output.
    package var output: Channel?
    /// The reading end of its standard error, where that has a pipe of its own.
    package var errorOutput: Channel?

    /// A process of these.
    package init(handle: ProcessHandle, pid: Int32, output: Channel?, errorOutput: Channel?) {
        self.handle = handle
        self.pid = pid
        self.output = output
        self.errorOutput = errorOutput
    }
}
