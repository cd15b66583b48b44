/// The pumps of one log, in the order of their attempts: mostly one, which needs no list.
enum LogPumps {
    case none
    case one(LogPump)
    case several([LogPump])

    /// All of them.
    var all: [LogPump] {
        switch self {
        case .none: []
        case .one(let pump): [pump]
        case .several(let pumps): pumps
        }
    }

    /// Whether there are none.
    var isEmpty: Bool { if case .none = self { true } else { false } }

    /// Does something with each that is there now.
    func forEach(_ body: (LogPump) -> Void) {
        switch self {
        case .none: break
        case .one(let pump): body(pump)
        case .several(let pumps): pumps.forEach(body)
        }
    }

    /// One more, the last.
    mutating func append(_ pump: LogPump) {
        self = isEmpty ? .one(pump) : .several(all + [pump])
    }

    /// One is finished. Nothing of one that is none of them.
    mutating func remove(_ pump: LogPump) {
        let left = all.filter { $0 !== pump }
        self = left.isEmpty ? .none : left.count == 1 ? .one(left[0]) : .several(left)
    }
}
