/// The service manager above the daemon (systemd).
package protocol HostServiceManager: AnyObject {
    /// Whether there is a service manager to tell (NOTIFY_SOCKET).
    var hasServiceManager: Bool { get }
    /// How often it wants to hear `WATCHDOG=1` at least (sd_watchdog_enabled(3)); nil where it does not.
    var watchdogInterval: Duration? { get }
    /// Sends `state` (sd_notify(3)) to the service manager. False where it could not be sent.
    @discardableResult
    func notify(_ state: String) -> Bool
    /// How many descriptors it keeps for the next daemon (systemd.service(5), FileDescriptorStoreMax=); 0 where it keeps none.
    var storedDescriptors: Int { get }
    /// Sends `state` with a descriptor, which the caller keeps (sd_pid_notify_with_fds(3)). False where it could not be sent.
    func notify(_ state: String, with descriptor: BoundSocket) -> Bool
}
