/// The service manager above the daemon (systemd).
package protocol HostServiceManager: AnyObject {
    /// Whether there is a service manager to tell (NOTIFY_SOCKET).
    var hasServiceManager: Bool { get }
    /// How often it wants to hear `WATCHDOG=1` at least (sd_watchdog_enabled(3)); nil where it does not.
    var watchdogInterval: Duration? { get }
    /// Sends `state` (sd_notify(3)) to the service manager. False where it could not be sent.
    @discardableResult
    func notify(_ state: String) -> Bool
}
