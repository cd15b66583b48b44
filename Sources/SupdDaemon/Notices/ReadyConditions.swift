import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// What has to come true before an instance whose program has begun is up.
struct ReadyConditions: OptionSet {
    let rawValue: UInt8

    /// Its readiness probe has said yes.
    static let probe = ReadyConditions(rawValue: 1)
    /// It has said so itself: `READY=1`.
    static let notice = ReadyConditions(rawValue: 2)
    /// It has written a newline to the descriptor for that.
    static let descriptor = ReadyConditions(rawValue: 4)
    /// It has written a line that fits.
    static let line = ReadyConditions(rawValue: 8)
    /// So much time has passed.
    static let delay = ReadyConditions(rawValue: 16)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Those of a service that is run in this way.
    init(of conduct: ServiceConduct) {
        self = []
        if conduct.probes?.readiness != nil { insert(.probe) }
        if conduct.type.notifies { insert(.notice) }
        for signal in conduct.probes?.signals ?? [] {
            switch signal {
            case .notice: insert(.notice)
            case .descriptor: insert(.descriptor)
            case .line: insert(.line)
            case .delay: insert(.delay)
            }
        }
    }

    /// What is missing, as part of a sentence; of a probe its own answer says more.
    var lacking: String? {
        let parts: [(ReadyConditions, String)] = [
            (.notice, "has not said that it is ready"),
            (.descriptor, "has written no newline to its descriptor for that"),
            (.line, "has written no line that says that it is ready"), (.delay, "its delay is not over"),
        ]
        let texts = parts.filter { contains($0.0) }.map(\.1)
        return texts.isEmpty ? nil : texts.joined(separator: ", ")
    }
}
