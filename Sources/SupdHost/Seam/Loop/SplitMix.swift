/// Sebastiano Vigna's SplitMix64: small, seedable, and the same everywhere. For what is to be spread, not for what is to be secret.
package struct SplitMix {
    private var state: UInt64

    /// The same numbers for the same seed.
    package init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// The next number in 0..<1.
    package mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
