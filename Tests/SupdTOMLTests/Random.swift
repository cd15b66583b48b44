/// splitmix64: the same numbers for the same seed, so that a failure can be run again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// A generator of a new seed that is printed, or of the one written here to replay a failure.
    static func announced(replaying seed: UInt64? = nil, by test: String = #function) -> SeededRandom {
        let seed = seed ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): seed \(seed)")
        return SeededRandom(seed: seed)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
