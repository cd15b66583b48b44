/// What a host knows of the service manager above it (systemd), injected so that the host itself needs no library for it.
///
/// Called on the loop's thread only; nothing here may wait, but where it says so.
public protocol ServiceManagerLink: AnyObject {
    /// Whether there is a service manager to tell (NOTIFY_SOCKET).
    var hasServiceManager: Bool { get }
    /// Whether standard error is connected to the journal (JOURNAL_STREAM).
    var hasJournal: Bool { get }
    /// Sends `state` (sd_notify(3)) to the service manager. False where it could not be sent.
    @discardableResult
    func notify(_ state: String) -> Bool
    /// Sends one entry to the journal, never waiting. `fields` are sent beside MESSAGE.
    func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult
    /// Gives up the socket that was handed over under `name` (sd_listen_fds_with_names(3)): the caller owns the
    /// descriptor, which is close-on-exec. Nil where there is none, and at a second call for one name.
    func takeSocket(named name: String) -> Int32?
    /// Whether the service manager of an ordinary user has delegated the control group of that unit. Nil where there is none, or
    /// it does not answer in time. For the time before the first start: this one may wait for a second.
    func delegates(unit: String) -> Bool?
}

extension ServiceManagerLink {
    /// There is none to ask.
    public func delegates(unit: String) -> Bool? { nil }
}
