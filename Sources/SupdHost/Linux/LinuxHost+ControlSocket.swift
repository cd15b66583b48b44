internal import CSupd
internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// The name under which systemd hands over the control socket (FileDescriptorName= in systemd.socket(5)).
    static let controlSocketName = "control"

    /// Makes the control socket at `path`, or takes the one that systemd handed over, which `path` then says nothing of.
    /// A second call finds the first one's lock, and answers `.inUse`.
    public func claimControlSocket(path: String) -> Result<Channel, SocketClaimFailure> {
        if let given = serviceManager?.takeSocket(named: Self.controlSocketName) {
            let result = supd_set_nonblocking(given)
            guard result >= 0 else {
                return .failure(.failed(call: "fcntl of the control socket", ErrorNumber(-result)))
            }
            return .success(loop.open(given))
        }
        do {
            let claim = try ControlSocketClaim(path: path)
            controlSockets.append(claim)
            return .success(loop.open(claim.listener))
        } catch {
            return .failure(error)
        }
    }

    /// Removes the control socket's file, if this daemon made it. The lock is held until the host ends, so that no other daemon
    /// starts beside one that is still on its way down; with `leavesNothing` its file is emptied. The daemon leaves the control
    /// groups that it made. A second call does nothing more.
    public func releaseControlSocket(leavesNothing: Bool) {
        for claim in controlSockets { claim.remove() }
        files.stop(within: Self.fileProcessEnd)
        groups.close(withHelper: files.process)
        // A child that the kernel holds is in the daemon's own group, which is then removed by the next one.
        guard leavesNothing, !spawns.hasChildren else { return }
        for claim in controlSockets { claim.noteCleanEnd() }
    }
}
