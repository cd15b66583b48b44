/// Sizes as people write them: `10MiB`, `1GB`, `64K`, or a number of bytes.
///
/// `K`, `M`, `G`, `T` and their `iB` spellings are powers of 1024, `KB`, `MB`, `GB`, `TB` powers of 1000.
enum ByteSize {
    /// Why a text is no size, as half a sentence.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// The number of bytes.
    static func parse(_ text: String) throws(Unreadable) -> UInt64 {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard !digits.isEmpty else { throw Unreadable(description: "it does not start with a number") }
        let unit = String(text.utf8[digits.endIndex...].drop { $0 == UInt8(ascii: " ") }) ?? ""
        guard let scale = scales[unit] else {
            throw Unreadable(
                description: "'\(shortened(unit))' is not a unit; units are B, KiB, MiB, GiB, TiB, KB, MB, GB and TB")
        }
        guard let count = UInt64(Substring(digits)) else { throw Unreadable(description: "it is too large") }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: scale)
        guard !overflow else { throw Unreadable(description: "it is too large") }
        return bytes
    }

    private static let scales: [String: UInt64] = [
        "": 1, "B": 1,
        "K": 1 << 10, "KiB": 1 << 10, "M": 1 << 20, "MiB": 1 << 20,
        "G": 1 << 30, "GiB": 1 << 30, "T": 1 << 40, "TiB": 1 << 40,
        "KB": 1_000, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
    ]
}
