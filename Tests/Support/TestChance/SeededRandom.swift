/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed, so that a failure can be run again.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The numbers of a seed.
    public init(seed: UInt64) { state = seed }

    /// A generator of a new seed that is printed, or of the one written here to replay a failure.
    public static func announced(replaying seed: UInt64? = nil, by test: String = #function) -> SeededRandom {
        let seed = seed ?? UInt64.random(in: 0...UInt64.max)
        print("\(test): seed \(seed)")
        return SeededRandom(seed: seed)
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// 0..<bound.
    public mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() >> 33) % bound }
    /// True so many times in a hundred.
    public mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    /// 0..<1.
    public mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
    /// One of them.
    public mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}
