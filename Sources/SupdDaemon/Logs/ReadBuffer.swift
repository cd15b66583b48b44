import SupdHost

/// The one buffer that every pipe is read into: memory for a read is needed once, not once a pipe.
///
/// Of a large read the memory is lent to who writes the lines into a file. It is read into again once it is back; what is read meanwhile goes
/// into other memory, of which some is kept in a flood.
final class ReadBuffer {
    private var memory: ReadMemory?
    private var spare: [ReadMemory] = []
    /// Whether memory that comes back is kept beside that.
    private var isInFlood = false

    /// So much is kept while nobody uses it.
    private static let spareLimit = 4

    /// What is less is copied more cheaply than it is lent.
    private static let smallestLoan = 32 * 1024

    /// A buffer of at least `count` bytes, of no particular content; good until the next call.
    func room(for count: Int) -> ReadMemory {
        if memory == nil { memory = spare.popLast() }
        if let memory, memory.bytes.count >= count { return memory }
        let larger = ReadMemory(count: count)
        memory = larger
        return larger
    }

    /// The memory that `lines` are in, which nothing is read into any more. Nil where they are few, or are not in it.
    func lend(_ lines: UnsafeRawBufferPointer) -> BytesRead? {
        guard lines.count >= Self.smallestLoan, let memory, let first = lines.baseAddress,
            let base = memory.bytes.baseAddress
        else { return nil }
        let offset = first - UnsafeRawPointer(base)
        guard offset >= 0, offset + lines.count <= memory.bytes.count else { return nil }
        self.memory = nil
        return BytesRead(memory: memory, range: offset..<offset + lines.count)
    }

    /// It is still read into, and is not read into for anybody else.
    func leave(_ memory: ReadMemory) {
        if self.memory === memory { self.memory = nil }
    }

    /// Nobody uses it any more.
    func takeBack(_ memory: ReadMemory) {
        if self.memory == nil {
            self.memory = memory
        } else if isInFlood, spare.count < Self.spareLimit {
            spare.append(memory)
        }
    }

    /// Much is read at once from now on, or not any more: then nothing is kept.
    func expectFlood(_ isFlood: Bool) {
        isInFlood = isFlood
        guard !isFlood else { return }
        memory = nil
        spare = []
    }
}
