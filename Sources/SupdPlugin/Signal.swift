import Glibc

/// A Unix signal (signal(7)). Said by name everywhere outside the daemon.
public struct Signal: Hashable, Sendable, CustomStringConvertible {
    /// The number the kernel knows it by.
    public let rawValue: Int32

    /// The signal of that number, or nil where Linux has none (1…64).
    public init?(rawValue: Int32) {
        guard (1...64).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(known rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The signal of a name (`SIGTERM`, `TERM`, any case), `SIGRTMIN+N`, or a number as text; nil where there is none.
    public init?(name: String) {
        let upper = name.uppercased()
        if let number = Int32(upper) {
            self.init(rawValue: number)
            return
        }
        let short = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        if let index = Self.names.firstIndex(where: { $0.name == short }) {
            self.init(known: Self.names[index].number)
            return
        }
        if short.hasPrefix("RTMIN+"), let offset = Int32(short.dropFirst(6)), (0...30).contains(offset) {
            self.init(rawValue: 34 + offset)
            return
        }
        return nil
    }

    /// `SIGTERM`; `SIGRTMIN+3` for the real-time ones.
    public var description: String {
        if let known = Self.names.first(where: { $0.number == rawValue }) { return "SIG" + known.name }
        return rawValue >= 34 ? "SIGRTMIN+\(rawValue - 34)" : "SIG\(rawValue)"
    }

    private static let names: [(name: String, number: Int32)] = [
        ("HUP", SIGHUP), ("INT", SIGINT), ("QUIT", SIGQUIT), ("ILL", SIGILL), ("TRAP", SIGTRAP), ("ABRT", SIGABRT),
        ("BUS", SIGBUS), ("FPE", SIGFPE), ("KILL", SIGKILL), ("USR1", SIGUSR1), ("SEGV", SIGSEGV), ("USR2", SIGUSR2),
        ("PIPE", SIGPIPE), ("ALRM", SIGALRM), ("TERM", SIGTERM), ("STKFLT", 16), ("CHLD", SIGCHLD), ("CONT", SIGCONT),
        ("STOP", SIGSTOP), ("TSTP", SIGTSTP), ("TTIN", SIGTTIN), ("TTOU", SIGTTOU), ("URG", SIGURG), ("XCPU", SIGXCPU),
        ("XFSZ", SIGXFSZ), ("VTALRM", SIGVTALRM), ("PROF", SIGPROF), ("WINCH", SIGWINCH), ("IO", 29), ("PWR", 30),
        ("SYS", SIGSYS),
    ]

    /// Hang-up.
    public static let hup = Signal(known: SIGHUP)
    /// Interrupt from the keyboard.
    public static let int = Signal(known: SIGINT)
    /// Quit from the keyboard.
    public static let quit = Signal(known: SIGQUIT)
    /// 6: end, and leave a picture of where it was.
    public static let abrt = Signal(known: SIGABRT)
    /// Cannot be caught or ignored.
    public static let kill = Signal(known: SIGKILL)
    /// The polite request to end.
    public static let term = Signal(known: SIGTERM)
    /// Continue if stopped.
    public static let cont = Signal(known: SIGCONT)
    /// A child changed state.
    public static let chld = Signal(known: SIGCHLD)
    /// User-defined.
    public static let usr1 = Signal(known: SIGUSR1)
    /// User-defined.
    public static let usr2 = Signal(known: SIGUSR2)
    /// Write to a pipe nobody reads.
    public static let pipe = Signal(known: SIGPIPE)

    /// Every name a person may write, for a suggestion in an error.
    public static var allNames: [String] { names.map { "SIG" + $0.name } }
}
