import SupdPlugin

/// What the service manager says by the environment of a process that it starts: sd_listen_fds(3), sd_watchdog_enabled(3), and
/// `FDSTORE` (systemd.exec(5)).
///
/// Read without trust: what is not as the manuals have it holds for nothing, and is a problem to tell. What is for another process, as
/// where a shell in between has passed it on, is no problem.
struct ManagerEnvironment: Equatable {
    /// The first descriptor that is handed over (SD_LISTEN_FDS_START).
    static let firstDescriptor: Int32 = 3
    /// More descriptors are not taken.
    static let maximum = 1024
    /// What one is called that was given no name.
    static let unknownName = "unknown"

    /// The names of the descriptors that are handed over, the first one's first.
    private(set) var names: [String] = []
    /// How often the service manager wants to hear of the process at least; nil where it does not watch.
    private(set) var watchdog: Duration?
    /// How many descriptors it keeps for the next start; from version 254 on it says so itself, before that the unit does.
    private(set) var storedDescriptors = 0
    /// What is wrong, a sentence each.
    private(set) var problems: [String] = []

    /// What the variables say to the process `pid`.
    init(pid: Int32, _ variable: (String) -> String?) {
        if isFor(pid, variable("LISTEN_PID"), "LISTEN_PID", unlessGiven: false),
            let count = count(variable("LISTEN_FDS"))
        {
            names = names(variable("LISTEN_FDNAMES"), count: count)
        }
        if let text = variable("WATCHDOG_USEC"), isFor(pid, variable("WATCHDOG_PID"), "WATCHDOG_PID", unlessGiven: true)
        {
            watchdog = interval(text)
        }
        if let text = variable("FDSTORE") { storedDescriptors = stored(text) }
    }

    private mutating func isFor(_ pid: Int32, _ text: String?, _ name: String, unlessGiven: Bool) -> Bool {
        guard let text else { return unlessGiven }
        guard let number = Self.number(text), number > 0 else {
            complain(name, text, "a process id")
            return false
        }
        return number == UInt64(pid)
    }

    private mutating func count(_ text: String?) -> Int? {
        guard let text else { return nil }
        guard let count = Self.number(text) else {
            complain("LISTEN_FDS", text, "a number of descriptors")
            return nil
        }
        if count > UInt64(Self.maximum) {
            problems.append("LISTEN_FDS is \(count), and only \(Self.maximum) descriptors are taken: hand over fewer")
        }
        return Int(min(count, UInt64(Self.maximum)))
    }

    private mutating func names(_ text: String?, count: Int) -> [String] {
        let unknown = [String](repeating: Self.unknownName, count: count)
        guard let text, count > 0 else { return unknown }
        let names = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard names.count == count || count == Self.maximum && names.count > count else {
            let found = plural(names.count, "name")
            problems.append(
                "LISTEN_FDNAMES has \(found) for \(plural(count, "descriptor")), so none of them is known")
            return unknown
        }
        return names.prefix(count).map { name in
            if Self.isName(name) { return name }
            if !name.isEmpty { complain("a name in LISTEN_FDNAMES", name, "at most 255 characters of ASCII") }
            return Self.unknownName
        }
    }

    private mutating func interval(_ text: String) -> Duration? {
        guard let microseconds = Self.number(text), microseconds > 0, microseconds < .max else {
            complain("WATCHDOG_USEC", text, "a number of microseconds")
            return nil
        }
        return .microseconds(Int64(clamping: microseconds))
    }

    /// What comes back beyond `maximum` would not be taken.
    private mutating func stored(_ text: String) -> Int {
        guard let number = Self.number(text) else {
            complain("FDSTORE", text, "a number of descriptors")
            return 0
        }
        return Int(min(number, UInt64(Self.maximum)))
    }

    private mutating func complain(_ name: String, _ text: String, _ expected: String) {
        let shown = text.count > 40 ? "\(text.prefix(40))…" : text
        problems.append("\(name) must be \(expected), found '\(shown)': it is not heeded")
    }

    /// A number in decimal digits alone, as systemd writes it.
    private static func number(_ text: String) -> UInt64? {
        guard let number = UInt64(text), "\(number)" == text else { return nil }
        return number
    }

    /// systemd.socket(5), `FileDescriptorName=`.
    private static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
