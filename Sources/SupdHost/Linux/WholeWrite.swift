internal import Glibc
internal import SupdPlugin

/// What became of bytes that were all to be written.
struct WholeWrite: Sendable {
    /// How many were.
    let written: Int
    /// Why no more; nil where all were.
    let failure: ErrorNumber?

    /// Writes to `descriptor` as often as it takes, and may wait in it: for a thread beside the loop.
    init(_ bytes: [UInt8], to descriptor: Int32) {
        (written, failure) = bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
                if count < 0 {
                    if errno == EINTR { continue }
                    return (done, ErrorNumber(errno))
                }
                done += count
            }
            return (done, nil)
        }
    }
}
