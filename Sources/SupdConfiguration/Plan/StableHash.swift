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
    package var text: String { Self.digits(high, low) }

    /// 16 hexadecimal digits, of both halves.
    var shortText: String { Self.digits(high ^ low) }

    /// By hand: one is made at every start, and `String(_:radix:)` takes ten times as long.
    private static func digits(_ numbers: UInt64...) -> String {
        String(unsafeUninitializedCapacity: 16 * numbers.count) { text in
            var place = 0
            for number in numbers {
                for shift in stride(from: UInt64(60), through: 0, by: -4) {
                    let digit = UInt8(number >> shift & 15)
                    text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                    place += 1
                }
            }
            return place
        }
    }
}
