package import SupdPlugin

/// Descriptors that are read and written, never waiting.
package protocol HostBytes: AnyObject {
    /// Reads what is there, never waiting.
    func read(_ channel: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult
    /// The same into memory that `owner` keeps, which is not to be used for anything else after `ReadResult.underWay`.
    func read(_ channel: Channel, into buffer: UnsafeMutableRawBufferPointer, of owner: AnyObject) -> ReadResult
    /// Reads what is there of a connection to the control socket, never waiting. Fails with `descriptorsCame` where its client has sent
    /// descriptors, and reads nothing then.
    func receive(_ connection: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult
    /// Writes what fits, never waiting.
    func write(_ channel: Channel, _ bytes: UnsafeRawBufferPointer) -> WriteResult
    /// Has a pipe hold so many bytes. False where that is refused, and it stays as it was: there is more in it, or no more is to be had
    /// (pipe(7), /proc/sys/fs/pipe-user-pages-soft).
    func resizePipe(_ channel: Channel, to bytes: Int) -> Bool
    /// Says which of `.readable` and `.writable` are wanted of a channel; both or neither may be.
    func watch(_ channel: Channel, readable: Bool, writable: Bool)
    /// Has `.hungUp` told, once, when both directions of a connection are closed while it is not watched for reading: also where
    /// nothing of it is watched. One that is watched for reading is told as readable then.
    func tellHangUp(of channel: Channel)
    /// Closes a channel. Events of it that are on their way are dropped.
    func close(_ channel: Channel)
    /// Closes a connection to the control socket, or one that was refused. What its client has sent and nobody has read may hang when it is let
    /// go: that holds up nobody but other connections of `user` on their way out.
    func closeConnection(_ connection: Channel, of user: UInt32)
    /// Closes the control socket; whoever it is shared with still listens. What those have sent who were not accepted holds up nobody.
    func closeListener(_ listener: Channel)
    /// Standard error of the daemon; writes to it never wait either.
    var standardError: Channel { get }
    /// The last is said on standard error from now on: where that is a file it takes all, and what it takes is written before the daemon has
    /// ended, if its disk is in time.
    func takeLastWords()
}

/// What connections and pipes of a host carry that has none of a kernel's: bytes.
extension HostBytes {
    /// Reads them.
    package func read(
        _ channel: Channel, into buffer: UnsafeMutableRawBufferPointer, of owner: AnyObject
    ) -> ReadResult { read(channel, into: buffer) }

    /// Reads them.
    package func receive(_ connection: Channel, into buffer: UnsafeMutableRawBufferPointer) -> ReadResult {
        read(connection, into: buffer)
    }

    /// Closes it.
    package func closeConnection(_ connection: Channel, of user: UInt32) { close(connection) }

    /// Closes it.
    package func closeListener(_ listener: Channel) { close(listener) }
}

extension ErrorNumber {
    /// Descriptors came with bytes where nobody takes any (EPROTO).
    package static var descriptorsCame: ErrorNumber { ErrorNumber(71) }
}
