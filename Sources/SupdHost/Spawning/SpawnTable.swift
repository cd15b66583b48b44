internal import SupdPlugin

/// The spawns that are not back, and what they need.
struct SpawnTable {
    /// One of them.
    enum Pending {
        /// Its files are read.
        case reading(FileReading)
        /// A socket of its is on its way.
        case binding(SpawnOrder, SpawnOrder.Contents, LinuxHost.AwaitedFile)
        /// It waits for a place.
        case waiting(SpawnRequest)
        /// Its child is on its way to execve(2).
        case underWay(ChildSpawn)
        /// It has failed, and the files are to say why.
        case examining(ExecExamination)
    }

    /// How many children may be on their way at a time. Those beyond, behind so many that hang, wait for a place.
    static let placesMaximum = 64
    /// Places that are kept for the next spawns while some take their time; one is kept in any case.
    private static let idleMaximum = 4
    /// How long one turn of the loop waits for spawns that are not back at once.
    static let patience = Duration.milliseconds(5)
    /// How soon a child that is not back is asked about again, and the longest pause between two such looks.
    static let pauses = (first: Duration.milliseconds(1), longest: Duration.seconds(1))

    private(set) var pending = [SpawnID: Pending]()
    /// Those that wait for a place, the first to come first.
    private var queue: [SpawnID] = []
    private var idle: [SpawnPlace] = []
    private var places = 0
    private var last: UInt64 = 0
    /// Ends that were not told yet.
    private(set) var told: [HostEvent] = []
    /// What is left of this turn's patience.
    var patience = SpawnTable.patience
    /// The pause before the next look.
    var pause = SpawnTable.pauses.first
    /// Looks at files that nobody waits for any more, and that the kernel holds.
    var givenUp: [FileLook] = []
    /// Sockets that are no more but for children on their way, who copy their numbers.
    /// With who has sent them, where they are a service's.
    var unboundSockets: [(descriptor: Int32, sender: Channel?)] = []

    mutating func nextID() -> SpawnID {
        last += 1
        return SpawnID(rawValue: last)
    }

    mutating func add(_ id: SpawnID, _ spawn: Pending) {
        pending[id] = spawn
        if case .waiting = spawn { queue.append(id) }
    }

    @discardableResult
    mutating func remove(_ id: SpawnID) -> Pending? {
        if !queue.isEmpty { queue.removeAll { $0 == id } }
        return pending.removeValue(forKey: id)
    }

    mutating func tell(_ id: SpawnID, _ result: Result<SpawnedProcess, SpawnFailure>) {
        told.append(.spawnEnded(id, result))
    }

    mutating func takeTold() -> [HostEvent] {
        defer { told = [] }
        return told
    }

    /// A place; nil where all are taken.
    mutating func takePlace(null: Int32) throws(LinuxHostFailure) -> SpawnPlace? {
        if let place = takeIdle(by: <) { return place }
        guard places < Self.placesMaximum else { return nil }
        let place = try SpawnPlace(null: null)
        places += 1
        return place
    }

    mutating func giveBack(_ place: SpawnPlace) {
        idle.append(place)
        let kept = pending.isEmpty ? 1 : Self.idleMaximum
        while idle.count > kept, takeIdle(by: >) != nil { places -= 1 }
    }

    /// The place that nobody has with the lowest or the highest descriptors: a child copies the table up to the last of them, and with
    /// thousands of services a later place has them behind all of these.
    private mutating func takeIdle(by precedes: (Int32, Int32) -> Bool) -> SpawnPlace? {
        guard idle.count > 1 else { return idle.popLast() }
        let best = idle.indices.min { precedes(idle[$0].slots.end, idle[$1].slots.end) }
        return best.map { idle.remove(at: $0) }
    }

    /// The next one that waits, where a place is free for it.
    mutating func nextWaiting() -> (SpawnID, SpawnRequest)? {
        guard let id = queue.first, !idle.isEmpty || places < Self.placesMaximum,
            case .waiting(let request)? = remove(id)
        else { return nil }
        return (id, request)
    }

    /// The children that are on their way.
    var children: [(id: SpawnID, spawn: ChildSpawn)] {
        if pending.isEmpty { return [] }
        return pending.compactMap { id, spawn in
            if case .underWay(let child) = spawn { (id, child) } else { nil }
        }
    }

    /// The children that look at files.
    var looks: [FileLook] {
        if pending.isEmpty { return givenUp }
        return givenUp
            + pending.values.compactMap { spawn in
                switch spawn {
                case .reading(let reading): reading.look
                case .examining(let examination): examination.look
                case .binding, .waiting, .underWay: nil
                }
            }
    }

    /// Whether any waits for a socket.
    var awaitsSockets: Bool {
        pending.values.contains { if case .binding = $0 { true } else { false } }
    }

    var hasChildren: Bool { !pending.isEmpty || !givenUp.isEmpty }

    /// Whether that number is of a child that is on its way, or looks at files: no orphan.
    func isChild(_ pid: Int32) -> Bool {
        hasChildren && (children.contains { $0.spawn.pid == pid } || looks.contains { $0.pid == pid })
    }
}
