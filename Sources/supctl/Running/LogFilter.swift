import Glibc
import SupdJSON
import SupdPlugin
import SupdProtocol

/// Which of the lines of services `logs` shows.
struct LogFilter: Hashable {
    /// Those that were read since then.
    var since: WallTime?
    /// Those of a standard error with a pipe of its own.
    var isOfErrors = false
    /// Those that have a match of it.
    var pattern: LinePattern?

    /// Whether it lets everything pass.
    var isAll: Bool { self == Self() }

    /// How many of the last lines are looked at for `count` that pass.
    func looked(for count: Int) -> Int { isAll || count == 0 ? count : ProtocolLimits.logLines.upperBound }

    func passes(_ line: LogLine) -> Bool {
        line.time >= since ?? line.time && (!isOfErrors || line.stream.known == .stderr)
            && pattern?.matches(line.text) ?? true
    }

    /// The last `count` lines of each service that pass. Why there are fewer is said only where none are kept at all: others of those
    /// that were looked at do not pass.
    func filtered(_ log: LogRead, lines count: Int) -> LogRead {
        guard !isAll else { return log }
        var log = log
        for index in log.services.indices {
            log.services[index].lines = log.services[index].lines.filter(passes).suffix(count)
            log.services[index].unfinished.removeAll { !passes($0) }
            switch log.services[index].shortage?.known {
            case .memory, .reply: log.services[index].shortage = nil
            case .memoryOff, .sinkNone, .sinkInherit, .sinkJournalDirect, nil: break
            }
        }
        return log
    }
}

/// An extended regular expression of POSIX (regex(7)). One without capitals finds both cases, as with journalctl's `--grep`.
final class LinePattern: Hashable, @unchecked Sendable {
    let text: String
    /// Not changed once it is made, and looked into by regexec(3) only.
    private var compiled = regex_t()

    /// Throws what is wrong with `text`.
    init(_ text: String) throws(Fault) {
        self.text = text
        let ignoresCase = !text.unicodeScalars.contains { $0.properties.isUppercase }
        let code = regcomp(&compiled, text, REG_EXTENDED | REG_NOSUB | (ignoresCase ? REG_ICASE : 0))
        guard code != 0 else { return }
        throw Fault(
            problem: String(
                unsafeUninitializedCapacity: 200,
                initializingUTF8With: { buffer in
                    buffer.withMemoryRebound(to: CChar.self) {
                        max(regerror(code, nil, $0.baseAddress, $0.count), 1) - 1
                    }
                }))
    }

    deinit { regfree(&compiled) }

    func matches(_ line: String) -> Bool { regexec(&compiled, line, 0, nil, 0) == 0 }

    static func == (left: LinePattern, right: LinePattern) -> Bool { left.text == right.text }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }

    /// What regcomp(3) says of a pattern.
    struct Fault: Error {
        let problem: String
    }
}
