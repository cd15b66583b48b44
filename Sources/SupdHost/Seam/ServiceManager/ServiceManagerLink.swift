/// What a host knows of the service manager above it (systemd), injected so that the host itself needs no library for it.
///
/// Called on the loop's thread only; nothing here may wait, but where it says so.
package protocol ServiceManagerLink: HostServiceManager, HostJournal {
    /// Gives up the first descriptor that was handed over under `name` (sd_listen_fds(3)): the caller owns it, and it is close-on-exec.
    /// Nil where there is none.
    func takeDescriptor(named name: String) -> Int32?
    /// Gives up all that were handed over and not taken yet, in the same way.
    func takeDescriptors() -> [HandedOverDescriptor]
    /// A stream of the journal's that a child may write its lines to (sd_journal_stream_fd(3)), under `identifier`; with `hasLevels` a line
    /// may begin with its level. The caller owns the descriptor, which is close-on-exec. Nil where the journal cannot be reached now.
    func journalStream(identifier: String, hasLevels: Bool) -> Int32?
    /// Whether the service manager of an ordinary user has delegated the control group of that unit. Nil where there is none, or
    /// it does not answer in time. For the time before the first start: this one may wait for a second.
    func delegates(unit: String) -> Bool?
}

/// A descriptor that the service manager handed over.
package struct HandedOverDescriptor: Hashable, Sendable {
    /// Its name in LISTEN_FDNAMES; `unknown` where it was given none.
    package var name: String
    /// The descriptor.
    package var descriptor: Int32

    /// The descriptor under this name.
    package init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }
}

extension ServiceManagerLink {
    /// There is none.
    package func journalStream(identifier: String, hasLevels: Bool) -> Int32? { nil }
    /// It does not watch.
    package var watchdogInterval: Duration? { nil }
    /// It keeps none.
    package var storedDescriptors: Int { 0 }
    /// It keeps none.
    package func notify(_ state: String, with descriptor: BoundSocket) -> Bool { false }
    /// It hands nothing over.
    package func takeDescriptor(named name: String) -> Int32? { nil }
    /// It hands nothing over.
    package func takeDescriptors() -> [HandedOverDescriptor] { [] }
    /// There is none to ask.
    package func delegates(unit: String) -> Bool? { nil }
}
