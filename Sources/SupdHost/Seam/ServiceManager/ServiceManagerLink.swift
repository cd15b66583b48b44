/// What a host knows of the service manager above it (systemd), injected so that the host itself needs no library for it.
///
/// Called on the loop's thread only; nothing here may wait, but where it says so.
package protocol ServiceManagerLink: HostServiceManager, HostJournal {
    /// Gives up the socket that was handed over under `name` (sd_listen_fds_with_names(3)): the caller owns the
    /// descriptor, which is close-on-exec. Nil where there is none, and at a second call for one name.
    func takeSocket(named name: String) -> Int32?
    /// A stream of the journal's that a child may write its lines to (sd_journal_stream_fd(3)), under `identifier`; with `hasLevels` a line
    /// may begin with its level. The caller owns the descriptor, which is close-on-exec. Nil where the journal cannot be reached now.
    func journalStream(identifier: String, hasLevels: Bool) -> Int32?
    /// Whether the service manager of an ordinary user has delegated the control group of that unit. Nil where there is none, or
    /// it does not answer in time. For the time before the first start: this one may wait for a second.
    func delegates(unit: String) -> Bool?
}

extension ServiceManagerLink {
    /// There is none.
    package func journalStream(identifier: String, hasLevels: Bool) -> Int32? { nil }

    /// There is none to ask.
    package func delegates(unit: String) -> Bool? { nil }
}
