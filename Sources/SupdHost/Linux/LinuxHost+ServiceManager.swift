internal import Glibc
internal import SupdPlugin

extension LinuxHost {
    /// Whether there is a service manager to tell.
    package var hasServiceManager: Bool { serviceManager?.hasServiceManager ?? false }

    /// How often it wants to hear `WATCHDOG=1` at least; nil where it does not.
    package var watchdogInterval: Duration? { serviceManager?.watchdogInterval }

    /// Whether standard error is connected to the journal.
    package var hasJournal: Bool { serviceManager?.hasJournal ?? false }

    /// Sends `state` (sd_notify(3)) to the service manager. False where there is none, or it could not be sent.
    @discardableResult
    package func notify(_ state: String) -> Bool {
        loop.thread.assertIsCurrent()
        return serviceManager?.notify(state) ?? false
    }

    /// How many descriptors it keeps for the next daemon.
    package var storedDescriptors: Int { serviceManager?.storedDescriptors ?? 0 }

    /// Sends `state` with a descriptor to the service manager. False where there is none, or it could not be sent.
    package func notify(_ state: String, with descriptor: BoundSocket) -> Bool {
        loop.thread.assertIsCurrent()
        return serviceManager?.notify(state, with: descriptor) ?? false
    }

    /// Sends one entry to the journal, never waiting. ENOTCONN where there is none.
    package func journal(message: UnsafeRawBufferPointer, fields: [JournalField]) -> WriteResult {
        loop.thread.assertIsCurrent()
        return serviceManager?.journal(message: message, fields: fields) ?? .failed(ErrorNumber(ENOTCONN))
    }

    /// How many entries a journal that went may not have read, at most.
    package func takeUnreadEntries() -> Int { serviceManager?.takeUnreadEntries() ?? 0 }
}
