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

    /// The signal that a person means on a command line, where kill(1) and its kin take numbers too; nil where there is none. Everywhere else
    /// a signal has its name.
    package init?(argument: String) {
        guard !argument.isEmpty, argument.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
            self.init(name: argument)
            return
        }
        guard let number = Int32(argument) else { return nil }
        self.init(rawValue: number)
    }

    /// The signal of a name (`SIGTERM`, `TERM`, any case), of the real-time ones `SIGRTMIN+N` and `SIGRTMAX-N`; nil where there is none. A
    /// number is no name.
    public init?(name: String) {
        let upper = name.uppercased()
        let short = upper.hasPrefix("SIG") ? String(upper.dropFirst(3)) : upper
        if let known = Self.names.first(where: { $0.name == short })
            ?? Self.otherNames.first(where: { $0.name == short })
        {
            self.init(known: known.number)
            return
        }
        guard let number = Self.realTime(short) else { return nil }
        self.init(rawValue: number)
    }

    /// `SIGRTMIN+offset`, for 0 to 30: from 34 on, as the C library has the two before for itself.
    package static func realTime(_ offset: Int32) -> Signal { Signal(known: 34 + offset) }

    /// `RTMIN`, `RTMIN+3`, `RTMAX-2`, `RTMAX`.
    private static func realTime(_ name: String) -> Int32? {
        let digits = name.dropFirst(6)
        guard !digits.utf8.isEmpty else { return ["RTMIN": 34, "RTMAX": 64][name] }
        guard digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let offset = Int32(digits),
            (0...30).contains(offset)
        else { return nil }
        return ["RTMIN+": 34 + offset, "RTMAX-": 64 - offset][String(name.prefix(6))]
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

    /// Second names of some of these (signal(7)).
    private static let otherNames: [(name: String, number: Int32)] = [("IOT", SIGABRT), ("CLD", SIGCHLD), ("POLL", 29)]

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

    /// Every name a person may write, but second ones and real-time signals.
    public static var allNames: [String] { names.map { "SIG" + $0.name } }

    /// What was meant by what is no name, for an error: the name of that number, or the closest one. Nil where nothing is close.
    package static func closestName(to text: String) -> String? {
        // The name may stand without its SIG, as kill(1) has it.
        Signal(argument: text)?.description ?? closestWord(to: text, among: allNames)
            ?? closestWord(to: text, among: names.lazy.map(\.name)).map { "SIG" + $0 }
    }
}
