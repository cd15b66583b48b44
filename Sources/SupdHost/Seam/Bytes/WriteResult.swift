package import SupdPlugin

/// What a write took.
package enum WriteResult: Hashable, Sendable {
    /// So many bytes were taken, perhaps not all.
    case wrote(Int)
    /// No room now.
    case wouldBlock
    /// It failed.
    case failed(ErrorNumber)
}
