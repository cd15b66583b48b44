package import SupdPlugin

/// Small files that are written whole.
package protocol HostFiles: AnyObject {
    /// Writes a small file whole, by a temporary one and rename. The old one stays where it fails. ETIMEDOUT where it is not done after
    /// `bound`; it may be later.
    func replaceFile(path: String, contents: [UInt8], within bound: Duration) -> ErrorNumber?
}
