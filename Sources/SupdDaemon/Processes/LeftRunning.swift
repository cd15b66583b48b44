import SupdHost
import SupdPlugin

/// What an instance of kill mode `process` has left running, as it was when that was last looked at: a look costs as much as there is,
/// and who may have left how much is not the daemon's choice.
struct LeftRunning {
    /// So long a look counts where nothing has ended since, and where something has.
    static let age = Duration.seconds(1)
    static let ageAfterAnEnd = Duration.milliseconds(100)

    /// From so many on they are looked at also where nobody asks.
    static let treesKeptUnasked = 16

    /// One of each attempt that has left any, the oldest first.
    var trees: [ProcessTree] = []
    /// Their processes, by their numbers.
    var processes: [Int32] = []
    var lookedAt: MonotonicInstant
    /// A process has ended since.
    var mayHaveChanged = false

    /// Whether it is to be looked at before anything is said of it.
    func isOld(_ now: MonotonicInstant) -> Bool {
        now.duration(since: lookedAt) >= (mayHaveChanged ? Self.ageAfterAnEnd : Self.age)
    }

    /// Takes in what was seen of each of its trees. Those that are proved gone are forgotten; as long as a look could not be made, so are no
    /// processes.
    mutating func update(_ looks: [TreeLook], now: MonotonicInstant) {
        trees = zip(trees, looks).filter { !$0.1.isProvedGone }.map(\.0)
        let isWhole = looks.allSatisfy(\.isWhole)
        processes = Set(looks.map(\.members).joined()).union(isWhole ? [] : processes).sorted()
        lookedAt = now
        mayHaveChanged = !isWhole
    }
}
