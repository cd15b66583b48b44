/// What a host knows of the service manager above it (systemd), injected so that the host itself needs no library for it.
///
/// Called on the loop's thread only; nothing here may wait, but where it says so.
package protocol ServiceManagerLink: HostServiceManager, HostJournal {
    /// Gives up the socket that was handed over under `name` (sd_listen_fds_with_names(3)): the caller owns the
    /// descriptor, which is close-on-exec. Nil where there is none, and at a second call for one name.
    func takeSocket(named name: String) -> Int32?
    /// Whether the service manager of an ordinary user has delegated the control group of that unit. Nil where there is none, or
    /// it does not answer in time. For the time before the first start: this one may wait for a second.
    func delegates(unit: String) -> Bool?
}

extension ServiceManagerLink {
    /// There is none to ask.
    package func delegates(unit: String) -> Bool? { nil }
}
