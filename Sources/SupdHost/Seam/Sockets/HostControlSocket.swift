package import SupdPlugin

/// The control socket, and who connects to it.
package protocol HostControlSocket: AnyObject {
    /// Makes the control socket at `path`: takes the lock beside it for life, then removes a stale socket, then
    /// binds with a closed umask. Or takes the one that systemd handed over under the name `control`, and the lock beside that.
    func claimControlSocket(path: String) -> Result<Channel, SocketClaimFailure>
    /// Puts back what was removed of the control socket's files, and writes what could not be written. To be called once before
    /// anything is started, at `.controlSocketDisturbed`, and again after a while as long as there is trouble.
    func mendControlSocket() -> ControlSocketState
    /// Has the removal of the files not be told any more, as the daemon is to end; `mendControlSocket` still puts them back. A second call
    /// changes nothing.
    func unwatchControlSocket()
    /// Accepts one waiting connection.
    func accept(_ listener: Channel) -> AcceptResult
    /// What the program at the other end calls itself, in at most 15 bytes (proc(5), comm); nil where that cannot be told, as of one
    /// that is gone or is in another namespace. No lock of its memory is taken, so a process that hangs holds up nobody.
    func command(of peer: PeerCredentials) -> String?
    /// Removes the control socket's file, if this daemon made it, and the control groups that it made, at the end: nothing of that is
    /// waited for after `deadline`. With `leavesNothing` the next daemon is told that there is nothing to look for
    /// (`endLeftovers`), unless groups had to be left.
    func releaseControlSocket(leavesNothing: Bool, by deadline: MonotonicInstant)
}
