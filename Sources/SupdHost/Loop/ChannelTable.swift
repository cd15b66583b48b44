/// The channels that are open, by descriptor: generation and what is wanted of each.
///
/// Descriptors are small and dense, so the table is an array: eight bytes for each.
struct ChannelTable {
    struct Interest: OptionSet {
        var rawValue: UInt8

        static let readable = Interest(rawValue: 1)
        static let writable = Interest(rawValue: 2)
        /// That both directions are closed, where it is not watched for reading.
        static let hangUp = Interest(rawValue: 4)
    }

    struct Entry {
        var generation: UInt32 = 0
        var isOpen = false
        var interest: Interest = []
        /// epoll refuses it (a regular file, which never makes anybody wait), so it counts as ready at every turn.
        var isAlwaysReady = false
        /// A program writes to it.
        var isOutput = false
    }

    private var entries: [Entry] = []

    /// Takes `descriptor` in: a new use of its number.
    mutating func open(_ descriptor: Int32, isOutput: Bool = false) -> Channel {
        let index = Int(descriptor)
        if index >= entries.count {
            entries.append(contentsOf: repeatElement(Entry(), count: index + 1 - entries.count))
        }
        let generation = entries[index].generation &+ 1
        entries[index] = Entry(generation: generation, isOpen: true, isOutput: isOutput)
        return Channel(descriptor: descriptor, generation: generation)
    }

    /// The entry of `channel`; nil where it is closed, or its number has another use by now.
    subscript(channel: Channel) -> Entry? {
        guard channel.descriptor >= 0, Int(channel.descriptor) < entries.count else { return nil }
        let entry = entries[Int(channel.descriptor)]
        return entry.isOpen && entry.generation == channel.generation ? entry : nil
    }

    /// The open channel of a descriptor; nil where it is none.
    func channel(of descriptor: Int32) -> Channel? {
        guard descriptor >= 0, Int(descriptor) < entries.count, entries[Int(descriptor)].isOpen else { return nil }
        return Channel(descriptor: descriptor, generation: entries[Int(descriptor)].generation)
    }

    /// Changes the entry of a channel that is open.
    mutating func set(_ channel: Channel, interest: Interest, isAlwaysReady: Bool = false) {
        entries[Int(channel.descriptor)].interest = interest
        entries[Int(channel.descriptor)].isAlwaysReady = isAlwaysReady
    }

    /// Forgets `channel`. False where it was not open.
    mutating func close(_ channel: Channel) -> Bool {
        guard self[channel] != nil else { return false }
        entries[Int(channel.descriptor)].isOpen = false
        entries[Int(channel.descriptor)].interest = []
        return true
    }

    /// Every descriptor that is open.
    var openDescriptors: [Int32] {
        entries.indices.filter { entries[$0].isOpen }.map { Int32($0) }
    }
}
