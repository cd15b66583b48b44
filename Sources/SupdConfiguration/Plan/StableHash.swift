/// FNV-1a of 128 bits: the same for the same bytes on every machine and in every run.
///
/// It tells apart what people write. It is no protection against somebody who looks for two texts of one hash.
package struct StableHash {
    /// Of nothing.
    package init() {}

    private var high: UInt64 = 0x6c62_272e_07bb_0142
    private var low: UInt64 = 0x62b8_2175_6295_c58d

    /// Adds bytes; one after the other is the same as all at once.
    package mutating func add(_ bytes: some Sequence<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { add($0) }
        if isDone == nil { ContiguousArray(bytes).withUnsafeBufferPointer { add($0) } }
    }

    private mutating func add(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes {
            low ^= UInt64(byte)
            // The prime is 2^88 + 0x13B. A multiplication of two UInt128 takes several times as long.
            let product = low.multipliedFullWidth(by: 0x13B)
            high = high &* 0x13B &+ product.high &+ (low << 24)
            low = product.low
        }
    }

    /// Adds a byte that is in no UTF-8 text, so that two texts are not one.
    mutating func addBoundary() { add(CollectionOfOne(0xFF)) }

    /// 32 hexadecimal digits.
    package var text: String { digits(high) + digits(low) }

    /// 16 hexadecimal digits, of both halves.
    var shortText: String { digits(high ^ low) }

    private func digits(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
