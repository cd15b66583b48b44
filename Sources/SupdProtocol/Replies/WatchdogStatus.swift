public import SupdJSON
public import SupdPlugin

/// The watchdog of the service manager above the daemon (systemd.service(5), `WatchdogSec=`).
public struct WatchdogStatus: Hashable, Sendable {
    /// How often it wants to hear of the daemon at least.
    public var interval: Duration
    /// When it was last told that the daemon's loop goes round; nil where it was not yet.
    public var pingedAt: WallTime?

    /// A watchdog of these.
    public init(interval: Duration, pingedAt: WallTime?) {
        self.interval = interval
        self.pingedAt = pingedAt
    }
}

extension WatchdogStatus: WireValue {
    /// Writes the object.
    public func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("interval", interval)
        writer.member("pinged_at", pingedAt)
        writer.endObject()
    }

    /// Reads the object.
    public init(from value: JSONValue) throws(WireError) {
        let reader = try WireReader(value)
        interval = try reader.duration("interval")
        pingedAt = try reader.optionalTime("pinged_at")
    }
}
