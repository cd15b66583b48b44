/// What /proc/PID/stat says of a process (proc(5)).
struct ProcStat: Hashable {
    var pid: Int32
    var state: UInt8
    /// It is in exit(2), and runs nothing of its own any more.
    var isLeaving: Bool
    var parent: Int32
    var group: Int32
    var session: Int32
    var threads: Int32
    /// The time of processors that it has used itself, in clock ticks.
    var processorTicks: Int64 = 0
    /// In clock ticks since boot: with the number it names a process for good.
    var startTime: UInt64

    /// PF_EXITING (the kernel's linux/sched.h) in field 9.
    private static let exitingFlag: Int64 = 0x4

    /// Whether anything of it still runs. A process whose first thread has ended shows as a zombie while others go on.
    var isLiving: Bool {
        switch state {
        case UInt8(ascii: "Z"): threads > 1
        case UInt8(ascii: "X"), UInt8(ascii: "x"): false
        default: true
        }
    }

    /// What names the process, other than a later one of its number.
    var identity: ProcessIdentity { ProcessIdentity(pid: pid, startTime: startTime) }

    init(
        pid: Int32, state: UInt8, isLeaving: Bool, parent: Int32, group: Int32, session: Int32, threads: Int32,
        startTime: UInt64
    ) {
        self.pid = pid
        self.state = state
        self.isLeaving = isLeaving
        self.parent = parent
        self.group = group
        self.session = session
        self.threads = threads
        self.startTime = startTime
    }

    /// Reads `PID (NAME) STATE PPID …`. The name may hold anything, so the fields are counted from its last bracket.
    init?(parsing bytes: UnsafeRawBufferPointer) {
        guard let bracket = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        var numbers = NumberReader(bytes, from: 0)
        guard let pid = numbers.next() else { return nil }
        let stateIndex = bracket + 2
        guard stateIndex < bytes.count else { return nil }
        var fields = NumberReader(bytes, from: stateIndex + 1)
        // Fields 4 to 22; the state, field 3, is a letter.
        var values: [Int64] = []
        values.reserveCapacity(19)
        while values.count < 19, let value = fields.next() { values.append(value) }
        guard values.count == 19 else { return nil }
        self.pid = Int32(truncatingIfNeeded: pid)
        state = bytes[stateIndex]
        parent = Int32(truncatingIfNeeded: values[0])
        group = Int32(truncatingIfNeeded: values[1])
        session = Int32(truncatingIfNeeded: values[2])
        isLeaving = values[5] & Self.exitingFlag != 0
        processorTicks = max(0, values[10]) &+ max(0, values[11])
        threads = Int32(truncatingIfNeeded: values[16])
        startTime = UInt64(bitPattern: values[18])
    }
}

/// A process, for good: numbers are used again, a number and a start time are not.
struct ProcessIdentity: Hashable {
    var pid: Int32
    var startTime: UInt64
}

/// Reads the whole numbers of a text one after the other, over anything that lies between.
struct NumberReader {
    private let bytes: UnsafeRawBufferPointer
    private var index: Int

    init(_ bytes: UnsafeRawBufferPointer, from index: Int) {
        self.bytes = bytes
        self.index = index
    }

    mutating func next() -> Int64? {
        while index < bytes.count, !Self.isDigit(bytes[index]), bytes[index] != UInt8(ascii: "-") { index += 1 }
        guard index < bytes.count else { return nil }
        let isNegative = bytes[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        var value: Int64 = 0
        while index < bytes.count, Self.isDigit(bytes[index]) {
            value = value &* 10 &+ Int64(bytes[index] - UInt8(ascii: "0"))
            index += 1
        }
        return isNegative ? -value : value
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
