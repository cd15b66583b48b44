package import SupdPlugin

/// What a read gave.
package enum ReadResult: Hashable, Sendable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing now.
    case wouldBlock
    /// It takes its time: once it can be taken, or tried again, the channel is told as readable, watched or not.
    case underWay
    /// The other end has closed.
    case end
    /// It failed.
    case failed(ErrorNumber)
}
