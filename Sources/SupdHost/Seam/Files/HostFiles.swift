package import SupdPlugin

/// Small files that are written whole, and which file there is.
package protocol HostFiles: AnyObject {
    /// Writes a small file whole, by a temporary one and rename. The old one stays where it fails. ETIMEDOUT where it is not done after
    /// `bound`: it goes on, and is lost where the daemon ends before it is.
    func replaceFile(path: String, contents: [UInt8], within bound: Duration) -> ErrorNumber?
    /// Which file is at `path`, and in which state, where that is known without waiting for anything; else nil, and it is to be looked at
    /// beside the loop. Without a version it is no regular file.
    func versionAtHand(of path: String) -> Result<FileVersion?, ErrorNumber>?
}
