/// What /proc/PID/stat says of a process (proc(5)).
struct ProcStat: Hashable {
    var pid: Int32
    var state: UInt8
    /// It is in exit(2), with all of its threads, and runs nothing of its own any more.
    var isLeaving: Bool
    /// A thread of the kernel's, which has no memory of its own.
    var isOfKernel = false
    var parent: Int32
    var group: Int32
    var session: Int32
    var threads: Int32
    /// The time of processors that it has used itself, in clock ticks.
    var processorTicks: Int64 = 0
    /// In clock ticks since boot: with the number it names a process for good.
    var startTime: UInt64
    /// A hash of its name and of where its program, its stack, its arguments and its environment lie: another one after every
    /// execve(2), and after prctl(2) has moved them. Without the right to look, of the name alone.
    var image: UInt64 = 0

    /// PF_EXITING and PF_KTHREAD (the kernel's linux/sched.h) in field 9.
    private static let exitingFlag: Int64 = 0x4
    private static let kernelFlag: Int64 = 0x20_0000

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
        self.init(pid: Int32(truncatingIfNeeded: pid), state: bytes[stateIndex])
        var hash = MarkHash()
        for byte in bytes[..<bracket] { hash.add(byte) }
        var fields = NumberReader(bytes, from: stateIndex + 1)
        // The state, field 3, is a letter.
        var field = 3
        while field < Self.lastField, let value = fields.next() {
            field += 1
            if !take(value, field: field) { hash.add(value) }
        }
        guard field >= Self.lastNeededField else { return nil }
        image = hash.mark.rawValue
    }

    private init(pid: Int32, state: UInt8) {
        self.init(
            pid: pid, state: state, isLeaving: false, parent: 0, group: 0, session: 0, threads: 0, startTime: 0)
    }

    private static let lastNeededField = 22
    private static let lastField = 51

    /// False where the field is part of the image.
    private mutating func take(_ value: Int64, field: Int) -> Bool {
        switch field {
        case 4: parent = Int32(truncatingIfNeeded: value)
        case 5: group = Int32(truncatingIfNeeded: value)
        case 6: session = Int32(truncatingIfNeeded: value)
        case 9:
            isLeaving = value & Self.exitingFlag != 0
            isOfKernel = value & Self.kernelFlag != 0
        case 14, 15: processorTicks &+= max(0, value)
        case 20:
            threads = Int32(truncatingIfNeeded: value)
            // Its first thread has ended, and others go on.
            isLeaving = isLeaving && threads <= 1
        case 22: startTime = UInt64(bitPattern: value)
        // startcode, endcode, startstack; start_data, end_data, start_brk, and the ends of arguments and environment.
        case 26...28, 45...51: return false
        default: break
        }
        return true
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
