import Glibc
import TestChance
import Testing

/// Random sequences of events, each replayable alone.
///
/// `SUPD_TEST_SEED=N` runs the same sequences again, and `SUPD_TEST_SEQUENCE=N` beside it only that one of each kind.
enum RandomRuns {
    /// The seed of this run, printed once.
    static let seed: UInt64 = {
        let seed = variable("SUPD_TEST_SEED") ?? UInt64.random(in: 0...UInt64(UInt32.max))
        print("random sequences: SUPD_TEST_SEED=\(seed)")
        return seed
    }()

    /// Lines of a trace that are worth showing; the last ones tell.
    private static let longestTrace = 400

    private static let only = variable("SUPD_TEST_SEQUENCE").map(Int.init)

    private static func variable(_ name: String) -> UInt64? {
        getenv(name).flatMap { UInt64(String(cString: $0)) }
    }

    /// Runs the sequences of `range`, and reports the first few that break a rule, with everything that happened.
    static func run<Run: RandomRun>(_ kind: Run.Type, _ range: Range<Int>) {
        var failures = 0
        for sequence in range where only == nil || only == sequence {
            var run = Run(random: random(of: sequence), isTraced: false)
            guard !run.run().isEmpty else { continue }
            failures += 1
            var again = Run(random: random(of: sequence), isTraced: true)
            let faults = again.run()
            let left = max(again.trace.count - longestTrace, 0)
            let shown = (left > 0 ? ["(\(left) lines before)"] : []) + again.trace.suffix(longestTrace)
            let events = shown.joined(separator: "\n  ")
            Issue.record(
                """
                \(Run.self), sequence \(sequence) (SUPD_TEST_SEED=\(seed) SUPD_TEST_SEQUENCE=\(sequence)):
                \(faults.joined(separator: "\n"))
                after
                  \(events)
                """)
            if failures == 3 { return }
        }
    }

    private static func random(of sequence: Int) -> SeededRandom {
        var mixer = SeededRandom(seed: seed &+ UInt64(sequence) &* 0xD134_2543_DE82_EF95)
        return SeededRandom(seed: mixer.next())
    }
}

/// One kind of sequence.
protocol RandomRun {
    /// What happened, in words, where it is traced.
    var trace: [String] { get }
    /// A sequence that `random` decides all of.
    init(random: SeededRandom, isTraced: Bool)
    /// Runs it, up to the first event that broke a rule; answers the rules it broke.
    mutating func run() -> [String]
}
