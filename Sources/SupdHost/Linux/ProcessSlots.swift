/// The processes with a handle, those that are not yet reaped, by handle and by process id.
struct ProcessSlots {
    struct Slot {
        var generation: UInt32 = 0
        /// Zero where the slot is free.
        var pid: Int32 = 0
        var pidfd: Int32 = -1
        /// Its end was told and waits to be reaped.
        var endWasTold = false
        /// How often its end was told and could not be collected, in a row.
        var vainReaps: UInt8 = 0
        /// Which tree it leads; zero where its environment has no mark.
        var mark = TreeMark(rawValue: 0)
        /// The host has not started it, so it may be somebody else's child.
        var isAdopted = false
        /// Whether a process group is known to be its own.
        var leadsGroup = true
        /// Whether it leads a session, and so cannot leave that group (setpgid(2)).
        var leadsSession = false
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var byPID = [Int32: UInt32]()

    static func handle(index: UInt32, generation: UInt32) -> ProcessHandle {
        ProcessHandle(slot: index, generation: generation)
    }

    /// Takes a new process in, and gives its handle.
    mutating func insert(
        pid: Int32, pidfd: Int32, mark: TreeMark, isAdopted: Bool = false, leadsGroup: Bool = true,
        leadsSession: Bool = false
    ) -> ProcessHandle {
        let index: UInt32
        if let reused = free.popLast() {
            index = reused
        } else {
            index = UInt32(slots.count)
            slots.append(Slot())
        }
        let generation = slots[Int(index)].generation &+ 1
        slots[Int(index)] = Slot(
            generation: generation, pid: pid, pidfd: pidfd, mark: mark, isAdopted: isAdopted, leadsGroup: leadsGroup,
            leadsSession: leadsSession)
        byPID[pid] = index
        return Self.handle(index: index, generation: generation)
    }

    /// The process of `handle`; nil where it was reaped.
    subscript(handle: ProcessHandle) -> Slot? {
        let index = Int(handle.slot)
        guard index < slots.count, slots[index].pid != 0, slots[index].generation == handle.generation else {
            return nil
        }
        return slots[index]
    }

    /// The process of that number, as long as it is not reaped.
    subscript(pid pid: Int32) -> Slot? {
        byPID[pid].map { slots[Int($0)] }
    }

    /// Whether that number is a main process that is not reaped.
    func contains(pid: Int32) -> Bool { byPID[pid] != nil }

    /// Notes whether the end of `handle` was told.
    mutating func setEndWasTold(_ handle: ProcessHandle, _ told: Bool) {
        guard self[handle] != nil else { return }
        slots[Int(handle.slot)].endWasTold = told
    }

    /// Notes that `handle` was told of and could not be collected. How often that was, this time included.
    mutating func noteVainReap(_ handle: ProcessHandle) -> Int {
        guard let slot = self[handle] else { return 0 }
        let count = slot.vainReaps == .max ? .max : slot.vainReaps + 1
        slots[Int(handle.slot)].vainReaps = count
        return Int(count)
    }

    /// The handle of the process of that number, as long as it is not reaped.
    func handle(pid: Int32) -> ProcessHandle? {
        byPID[pid].map { Self.handle(index: $0, generation: slots[Int($0)].generation) }
    }

    /// Forgets a process that was reaped.
    mutating func remove(_ handle: ProcessHandle) {
        guard let slot = self[handle] else { return }
        byPID[slot.pid] = nil
        slots[Int(handle.slot)] = Slot(generation: slot.generation)
        free.append(handle.slot)
    }

    /// Every process that is not reaped.
    var living: [Slot] { slots.filter { $0.pid != 0 } }
}
