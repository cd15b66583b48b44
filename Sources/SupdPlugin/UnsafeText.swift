extension Unicode.Scalar {
    /// Whether it could forge a line of a log, drive a terminal or change what is read: C0 and C1 controls and DEL, line and
    /// paragraph separators, and the bidirectional controls of Unicode Standard Annex 9.
    package var isUnsafeInALine: Bool {
        switch value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
        default: false
        }
    }
}
