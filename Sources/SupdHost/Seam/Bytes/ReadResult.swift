package import SupdPlugin

/// What a read gave.
package enum ReadResult: Hashable, Sendable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing now.
    case wouldBlock
    /// The other end has closed.
    case end
    /// It failed.
    case failed(ErrorNumber)
}
