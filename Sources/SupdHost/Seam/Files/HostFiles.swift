package import SupdPlugin

/// Small files that are written whole.
package protocol HostFiles: AnyObject {
    /// Writes a small file whole, by a temporary one and rename. The old one stays where it fails. ETIMEDOUT where it is not done after
    /// `bound`: it goes on, and is lost where the daemon ends before it is.
    func replaceFile(path: String, contents: [UInt8], within bound: Duration) -> ErrorNumber?
}
