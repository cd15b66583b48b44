internal import CSupd
internal import Glibc
internal import SupdPlugin

/// The control groups that the daemon makes, one an instance, in a folder that is its own. Found out about at the first question,
/// and touched with the first request; a daemon that never asks changes nothing.
final class ControlGroups {
    enum State: Hashable {
        case unknown
        /// Known, and nothing done yet.
        case planned(GroupPlan)
        /// Groups can be made in `base`.
        case ready(base: GroupFolder)
        case unavailable(String)
    }

    private(set) var state = State.unknown
    private let isOff: Bool
    private let surroundings: () -> GroupPlan.Surroundings
    /// The group around a base that the daemon made.
    private(set) var origin: GroupFolder?

    /// The group of the daemon itself, in the base, as soon as it needs one.
    private(set) var home = ControlGroups.daemonName
    /// Whether the daemon has moved there.
    private var isHome = false
    /// The daemon's children, and the process that is a part of it.
    var companions: () -> [Int32] = { [] }
    /// The base, locked with flock(2) for as long as this daemon lives; negative where that was not asked for, or could not be.
    private(set) var claim: Int32 = -1

    /// The daemon is the main process of the unit that the base is of.
    private var isUnitsMain = false
    /// The folders of groups that are to be removed.
    var leaving: Set<String> = []
    /// The folders of groups that are trees', by the hashes of their names, which are enough. Whoever is in another one of the base has been moved
    /// there, and may be of any tree.
    var made: Set<Int> = []
    /// The folders of groups that this turn has found empty.
    private var foundEmpty: Set<String> = []
    /// Whether groups in the base have the files of controllers: what these count and limit goes with a group.
    var hasControllers = false
    /// Those of groups that were made for starts that follow in this turn.
    var ahead: Set<String> = []

    /// The controllers that `origin` passes on since this daemon asked for them.
    var passedOn: [String] = []

    /// What the daemon's own group is called where it makes it.
    static let daemonName = "supd"
    /// How long the removal of the base is waited for at most, and how many microseconds are between two tries.
    private static let removalLimit = Duration.milliseconds(500)
    private static let removalPause: UInt32 = 5_000

    /// What the name of a base begins with that the daemon makes; then comes its token.
    static let basePrefix = "supd-"

    init(isOff: Bool, surroundings: @escaping () -> GroupPlan.Surroundings = { GroupPlan.Surroundings() }) {
        self.isOff = isOff
        self.surroundings = surroundings
    }

    deinit {
        if claim >= 0 { closeDescriptor(claim) }
    }

    /// How trees are told apart, as far as it is known without touching anything.
    func tracking(token: String) -> ProcessTracking {
        look()
        switch state {
        case .unavailable(let reason), .planned(.none(let reason)): return .descent(reason)
        case .ready(let base), .planned(.delegated(let base)), .planned(.delegatedWithDaemonInside(let base, _)):
            return .controlGroups(base.path)
        case .planned(.ownGroup(let parent)): return .controlGroups(parent.child(Self.basePrefix + token).path)
        case .unknown: return .descent("")
        }
    }

    /// The folder that groups are made in, once that is done. Never makes it.
    var base: GroupFolder? {
        if case .ready(let base) = state { base } else { nil }
    }

    /// The folder that groups are made in. Nil where there is none. What it takes and there is none of just now, as descriptors, is asked for
    /// again at the next call.
    func prepare(token: String) throws(SpawnFailure) -> GroupFolder? {
        look()
        guard case .planned(let plan) = state else { return base }
        switch plan {
        case .none(let reason): state = .unavailable(reason)
        case .delegatedWithDaemonInside(let base, let home):
            try lockLate(base)
            self.home = home
            isHome = true
            begin(in: base)
        case .delegated(let base):
            try lockLate(base)
            begin(in: base)
        case .ownGroup(let parent):
            let base = parent.child(Self.basePrefix + token)
            removeStaleBases(in: parent, sparing: base)
            do throws(ErrorNumber) {
                try makeBase(base)
                begin(in: base)
                origin = parent
            } catch {
                try Self.throwWant(error, of: base)
                state = .unavailable("mkdir of \(base.path): \(error)")
            }
        }
        return base
    }

    private func begin(in base: GroupFolder) {
        state = .ready(base: base)
        // An earlier daemon, or whoever made it, may have seen to that.
        hasControllers = !base.enabledControllers.isEmpty
    }

    /// Locks a base that there was no descriptor for when it was decided on.
    private func lockLate(_ base: GroupFolder) throws(SpawnFailure) {
        guard claim < 0 else { return }
        do throws(ErrorNumber) { try lock(base) } catch { try Self.throwWant(error, of: base) }
    }

    private static func throwWant(_ error: ErrorNumber, of base: GroupFolder) throws(SpawnFailure) {
        if error.isWant { throw SpawnFailure(stage: .controlGroup, error: error, subject: base.path) }
    }

    /// Has the group of that name removed (`removeLeaving`); with `isEnding` not where the base goes with the daemon: a unit's systemd
    /// removes with all that is in it, and one that the daemon has made itself it does (`close`).
    func release(_ name: String, isEnding: Bool) {
        guard base != nil, !isEnding || !goesWithUnit && origin == nil else { return }
        guard let folder = Self.folderName(of: name, home: home) else { return }
        leaving.insert(folder)
    }

    /// Removes the group of that name at the end of the daemon, which the kernel does where nobody is in it. False where it has not, or
    /// the group goes with the daemon's unit.
    func removeEmpty(_ name: String) -> Bool {
        guard !goesWithUnit, let leaf = leaf(name) else { return false }
        return leaf.removeAlone()
    }

    /// The kernel has said in this turn that nobody is in the group of that name, and that it is not frozen.
    func note(empty name: String) {
        if let folder = Self.folderName(of: name, home: home) { foundEmpty.insert(folder) }
    }

    /// Takes back a group that is to be removed, for a start that comes in the turn that has proved it empty: to remove it and make another
    /// takes the kernel half as long as the start. False where there is none, or it is no more as one that is made, and so was removed.
    ///
    /// What others may have set that supd never sets stays as it is, until the group is made anew: `cgroup.max.depth` and
    /// `cgroup.max.descendants` are about groups below it, `cgroup.pressure` about what is counted. Nobody is kept by them from being born into
    /// it, and to write the three would be half as many system calls again as a start takes.
    func takeBack(_ folderName: String, in base: GroupFolder) -> Bool {
        guard leaving.remove(folderName) != nil else { return false }
        let folder = base.child(folderName)
        // Others than supd may have put somebody into it, or frozen it, since that was seen.
        if !hasControllers, foundEmpty.remove(folderName) != nil, folder.isLowest, let events = folder.events,
            !events.isPopulated, !events.isFrozen
        {
            return true
        }
        folder.remove()
        made.remove(folderName.hashValue)
        return false
    }

    private var goesWithUnit: Bool { origin == nil && isUnitsMain }

    /// Whether nothing is to be done at a turn's end.
    var isAtRest: Bool { foundEmpty.isEmpty && ahead.isEmpty && leaving.isEmpty }

    /// No start follows any more for which a group was made, or was not yet removed.
    func endTurn() {
        if !foundEmpty.isEmpty { foundEmpty = [] }
        guard !ahead.isEmpty else { return }
        leaving.formUnion(ahead)
        ahead = []
    }

    /// Removes some of the groups that are to be removed. Those that have processes after all stay.
    func removeLeaving(atMost limit: Int = .max) {
        guard let base else { return }
        for _ in 0..<limit {
            guard let folder = leaving.popFirst() else { return }
            base.child(folder).remove()
            made.remove(folder.hashValue)
        }
    }

    /// Leaves a base that the daemon made, back into the group that it came from, and removes it with the empty groups in it: tried
    /// once, and again until `deadline`, as whoever was killed last takes a moment to leave. To be called at the end; afterwards all
    /// is as before the first request. False where the base had to be left, which then is the next daemon's to remove.
    @discardableResult
    func close(by deadline: MonotonicInstant) -> Bool {
        if origin == nil, !goesWithUnit { removeLeaving() }
        leaving = []
        ahead = []
        made = []
        guard let base, let origin else { return true }
        // A group that passes controllers on takes no processes.
        for controller in passedOn {
            for folder in [base, origin] { try? folder.write("-\(controller)", into: "cgroup.subtree_control") }
        }
        passedOn = []
        if isHome {
            // Those that hang, or are about to end, too.
            for pid in base.child(home).ownProcesses { try? origin.write("\(pid)", into: "cgroup.procs") }
            isHome = false
        }
        self.origin = nil
        state = .unknown
        let limit = min(deadline, EventLoop.readClock().advanced(by: Self.removalLimit))
        while !base.remove() {
            guard EventLoop.readClock() < limit else { return false }
            usleep(Self.removalPause)
        }
        return true
    }

    private func look() {
        guard state == .unknown else { return }
        if isOff {
            state = .unavailable("control_groups is \"off\" in [supervisor]")
            return
        }
        var surroundings = surroundings()
        surroundings.claims = { folder in
            do throws(ErrorNumber) {
                try self.lock(folder)
                return true
            } catch {
                return error.rawValue != EWOULDBLOCK
            }
        }
        isUnitsMain = surroundings.isUnitsMain
        state = .planned(GroupPlan.decided(by: surroundings))
        if case .planned(.none(let reason)) = state { state = .unavailable(reason) }
    }

    /// Two daemons in one base would take each other's groups for leftovers. EWOULDBLOCK where another has it.
    private func lock(_ folder: GroupFolder) throws(ErrorNumber) { hold(try FolderLock.take(folder.path)) }

    /// Keeps a lock in place of the one before.
    func hold(_ lock: Int32) {
        if claim >= 0 { closeDescriptor(claim) }
        claim = lock
    }

    /// The daemon goes into its own group, with those that come with it: a group that passes controllers on has no processes itself. Not
    /// before that is needed, as the kernel takes ten milliseconds for it. Nothing at a second call.
    func settle(in base: GroupFolder) throws(ErrorNumber) {
        if isHome { return }
        let home = base.child(home)
        try home.make()
        do throws(ErrorNumber) {
            try home.write("\(getpid())", into: "cgroup.procs")
        } catch {
            home.remove()
            throw error
        }
        let companions = Set(companions())
        for pid in (origin ?? base).ownProcesses where origin == nil || companions.contains(pid) {
            // One that has ended meanwhile needs no place.
            try? home.write("\(pid)", into: "cgroup.procs")
        }
        isHome = true
    }
}
