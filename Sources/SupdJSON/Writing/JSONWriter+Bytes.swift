internal import Glibc

extension JSONWriter {
    /// Has `body` write to where the next byte is to be, and answer how many it has written; `most` is not zero.
    @inline(__always)
    mutating func append(atMost most: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        if most > room.count - count { makeRoom(for: most) }
        let start = count
        count += room.withUnsafeMutableBufferPointer { body($0.baseAddress! + start) }
    }

    mutating func append(_ byte: UInt8) {
        append(atMost: 1) {
            $0.pointee = byte
            return 1
        }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return }
        append(atMost: bytes.count) {
            memcpy($0, base, bytes.count)
            return bytes.count
        }
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { append(UnsafeRawBufferPointer($0)) }
        if isDone == nil { ContiguousArray(bytes).withUnsafeBytes { append($0) } }
    }

    /// Doubles what there is, at least.
    @inline(never)
    mutating func makeRoom(for more: Int) {
        let size = room.count + max(more, room.count, 64)
        // In whole pieces: a list of zeros is appended one by one where nothing is optimized.
        room = Array(unsafeUninitializedCapacity: size) { larger, initialized in
            room.withUnsafeBytes { UnsafeMutableRawBufferPointer(larger).copyMemory(from: $0) }
            memset(larger.baseAddress! + room.count, 0, size - room.count)
            initialized = size
        }
    }
}
