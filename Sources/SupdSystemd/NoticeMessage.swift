package import SupdPlugin

/// What one datagram of sd_notify(3) says. Of two assignments of one name the first counts; what is not known, or makes no sense, is passed
/// over, as a later program may say more.
package struct NoticeMessage: Hashable, Sendable {
    /// `READY=1`.
    package var isReady = false
    /// `RELOADING=1`.
    package var isReloading = false
    /// `STOPPING=1`.
    package var isStopping = false
    /// `STATUS=`.
    package var status: String?
    /// `ERRNO=`.
    package var error: Int32?
    /// `EXIT_STATUS=`.
    package var exitStatus: Int32?
    /// `MAINPID=`.
    package var mainProcess: Int32?
    /// `WATCHDOG=1`.
    package var isAlive = false
    /// `WATCHDOG=trigger`.
    package var isFailing = false
    /// `WATCHDOG_USEC=`.
    package var watchdog: Duration?
    /// `EXTEND_TIMEOUT_USEC=`.
    package var needsTime: Duration?
    /// `MONOTONIC_USEC=`.
    package var time: MonotonicInstant?
    /// `FDSTORE=1`.
    package var stores = false
    /// `FDPOLL=`, but for `FDPOLL=0`: what is kept goes once its other end is gone.
    package var polls = true
    /// `FDSTOREREMOVE=1`.
    package var removes = false
    /// `FDNAME=`, where it is a name that LISTEN_FDNAMES can have (sd_pid_notify_with_fds(3)).
    package var descriptorName: String?

    /// What `bytes` say.
    package init(_ bytes: some Collection<UInt8>) {
        var seen: Set<String> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: line[..<equals], as: UTF8.self)
            guard seen.insert(name).inserted else { continue }
            take(name, String(decoding: line[line.index(after: equals)...], as: UTF8.self))
        }
    }

    /// Whether they are the whole of a barrier (sd_notify_barrier(3)), which is passed once its descriptor is closed.
    package static func isBarrier(_ bytes: [UInt8]) -> Bool {
        bytes.elementsEqual("BARRIER=1".utf8) || bytes.elementsEqual("BARRIER=1\n".utf8)
    }

    private mutating func take(_ name: String, _ value: String) {
        switch name {
        case "READY": isReady = value == "1"
        case "RELOADING": isReloading = value == "1"
        case "STOPPING": isStopping = value == "1"
        case "STATUS": status = value
        case "ERRNO": error = Self.number(value)
        case "EXIT_STATUS": exitStatus = Self.number(value)
        case "MAINPID": mainProcess = Self.number(value).flatMap { $0 > 0 ? $0 : nil }
        case "WATCHDOG":
            isAlive = value == "1"
            isFailing = value == "trigger"
        case "WATCHDOG_USEC": watchdog = Self.microseconds(value)
        case "EXTEND_TIMEOUT_USEC": needsTime = Self.microseconds(value)
        case "MONOTONIC_USEC":
            time = Self.microseconds(value).map { MonotonicInstant(nanoseconds: $0.clampedNanoseconds) }
        case "FDSTORE": stores = value == "1"
        case "FDPOLL": polls = value != "0"
        case "FDSTOREREMOVE": removes = value == "1"
        case "FDNAME": descriptorName = Self.isDescriptorName(value) ? value : nil
        default: break
        }
    }

    private static func number(_ text: String) -> Int32? { isDigits(text) ? Int32(text) : nil }

    /// What is longer than a clock can say is as long as it can.
    private static func microseconds(_ text: String) -> Duration? {
        guard isDigits(text), let number = UInt64(text) else { return nil }
        return .microseconds(Int64(clamping: min(number, UInt64(Int64.max / 1_000))))
    }

    private static func isDigits(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// At most 255 printable characters of ASCII, no colon (sd_pid_notify_with_fds(3)).
    private static func isDescriptorName(_ name: String) -> Bool {
        (1...255).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: ":") }
    }
}
