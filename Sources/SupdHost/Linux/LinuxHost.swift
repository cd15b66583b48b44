internal import CSupd
internal import Glibc
package import SupdPlugin

/// The host that is Linux: the calls of `Host` as system calls (kernel 5.10 and later).
///
/// Belongs to the thread that made it, which becomes the loop's: all of it is called there, which debug builds check at its doors
/// (`LoopThread`). Other threads have closures run on it, by `mailbox`, and end its wait, by what `waker` is.
/// A process has one: it becomes the parent of every orphan below it, and reaps all its children.
package final class LinuxHost: Host {
    /// How a host differs from the usual one.
    package struct Options: Sendable {
        /// Starts processes by fork(2), as where clone3(2) is refused.
        package var spawnsByFork = false
        /// Closes a child's descriptors one by one, as where close_range(2) is refused.
        package var closesOneByOne = false
        /// Finds children by reading all of /proc, as on a kernel without CONFIG_PROC_CHILDREN.
        package var scansAllOfProc = false
        /// Tells of every signal that can be taken, so that all of them can be passed on.
        package var takesAllSignals = false
        /// Leaves a program that has the daemon's terminal in the daemon's process group, as others share that job (`jobIsShared`).
        package var sharesJob = false
        /// Whether each tree gets a control group of its own.
        package var controlGroups = ControlGroupMode.auto

        /// The usual host.
        package init() {}
    }

    let options: Options
    let loop: EventLoop
    let serviceManager: (any ServiceManagerLink)?
    let nullDescriptor: Int32
    var spawns = SpawnTable()
    var randomness = SplitMix(seed: .random(in: .min ... .max))
    /// Given up when there is no descriptor left, to accept a connection and refuse it; -1 until that one is closed.
    var spareDescriptor: Int32
    /// What RLIMIT_NOFILE was when the daemon started: children get that.
    let descriptorLimit: supd_limit
    /// `/proc/self/oom_score_adj`, and what it said when the daemon started; -1 where it cannot be read.
    let oomScoreFile: Int32
    let oomScoreAtStart: Int32?
    let identity: OwnIdentity
    /// What the process was started with, for a child that is to find just that.
    let inherited: InheritedState
    var processes = ProcessSlots()
    let procfs: ProcFiles
    /// The orphans that the daemon has adopted, as they were when this turn first asked.
    var orphans: OrphanSnapshot?
    /// Whom a signal of this turn went to last: a leader, which was alone in its control group, or its process group and these.
    var lastSignalled: (leader: Int32, isAlone: Bool, members: [ProcessIdentity])?
    /// What members of trees outside of their leaders' process groups are still to be sent, the oldest first.
    var owed: ArraySlice<OwedSignal> = []
    /// The orphans that were in doubt when they were last looked at, and what those of them get that turn out to be of a tree, by its mark.
    var doubtful: Set<ProcessIdentity> = []
    var lateSignals = [TreeMark: [LateSignal]]()
    /// What is known of the memory of processes.
    let looks: ProcessLooks
    /// Orphans that could not be looked at, to be told of.
    var unreadable: [ProcessDetail] = []
    /// Who waits for what is known of processes.
    var descriptions: [Description] = []
    /// A child has ended that may be an adopted one; looked into before the next wait.
    var orphansMayHaveEnded = false
    let groups: ControlGroups
    /// What the kernel had killed in the groups of these when they began.
    var outOfMemoryBaselines = [ProcessHandle: OutOfMemoryBaseline]()
    var orphanDeferrals = 0
    /// The process that was given the terminal; its stops are told.
    var terminalHolder: ProcessHandle?
    var controlSockets: [ControlSocketClaim] = []
    /// Tells of the removal of their files (inotify(7)).
    var controlSocketWatch: Channel?
    /// The numbers of what it watches, and whether that is over.
    var controlSocketWatches: Set<Int32> = []
    var controlSocketIsUnwatched = false
    /// Why nothing tells of it.
    var controlSocketWatchFailure: String?
    /// Memory is to be given back as soon as nothing happens for a moment.
    var givesBackMemory = false
    /// Something could not be written that was to be told as soon as the loop waits.
    var controlSocketIsDisturbed = false
    /// Where the sockets for notices are; nil before the first.
    var noticeFolder: NoticeFolder?
    /// The pipes that programs write to.
    let outputs: PipeReads
    /// Closes what others have sent; and how much of each one's is on its way.
    lazy var closing = BlockingCalls(mailbox: loop.mailbox, limit: Self.closingThreads)
    var closings = [Sender: (lane: BlockingCalls.Lane, count: Int)]()
    /// The files of bound sockets, by descriptor.
    var socketFiles = [Int32: SocketFile]()
    /// What is left of this turn's patience with one that is made ahead of its service's start; of the daemon's start, when it serves
    /// nobody yet, more.
    var socketPatience = Duration.seconds(1)
    /// That of every other turn.
    static let usualSocketPatience = Duration.milliseconds(200)
    var socketLanes = [String: BlockingCalls.Lane]()
    /// Those whose file systems take their time, and what of a socket's file was asked for last.
    var awaitedSockets = [ListenSocket: AwaitedSocket]()
    var lastAwaitedFile: AwaitedFile?
    /// Looks at the files of bound sockets, by descriptor, that take their time.
    var awaitedLooks = [Int32: AwaitedLook]()
    /// What tells this daemon's processes from others' where it has no control socket of its own.
    lazy var ownToken = DaemonRecord.newToken()
    /// Who leads the trees, for the next daemon; nil where that has no place to look. Its lane, those of this turn, and what kept
    /// the last from being written.
    var leadersNote: LeadersNote?
    lazy var leadersLane = files.makeLane()
    var newLeaders: [LeadersNote.Leader] = []
    var leadersFailure: ErrorNumber?
    /// Processes of an earlier daemon that do not end, by the instance that they are of.
    var lastingLeftovers = [String: [ProcessIdentity]]()
    let errorStream: ErrorStream
    /// Where that is a file.
    let errorFile: ErrorFile?
    let poolWork: PoolWork
    /// Made when it is first needed.
    lazy var blockingWork = BlockingWork(mailbox: loop.mailbox)
    lazy var lookLane = files.makeLane()
    /// What writes files: none of it uses a descriptor of the daemon's.
    let files: BlockingCalls
    /// The lane of files that are written whole.
    let wholeFiles: BlockingCalls.Lane

    /// The daemon's own process id.
    package let ownPID: Int32
    /// Standard error of the daemon; writes to it never wait either.
    package let standardError: Channel

    /// Blocks the signals that the host takes, in the calling thread and those it makes later, and ignores those that
    /// would end it and tell nothing. To be called before anything that makes a thread; `init` does it as
    /// well. A second call changes nothing.
    package static func blockSignals(takesAll: Bool = false) throws(LinuxHostFailure) {
        _ = try check(supd_signals_block(takesAll ? SignalSet.all : SignalSet.handled), "pthread_sigmask")
        // A write to a pipe that nobody reads, or beyond RLIMIT_FSIZE, is an error of that write, not the end of the daemon.
        for signal in SignalSet.ofWrites where !takesAll { _ = try check(supd_signal_ignore(signal), "sigaction") }
        for signal in SignalSet.ofTerminal { _ = try check(supd_signal_ignore(signal), "sigaction") }
        supd_library_signals_ignore()
        // Inherited as ignored it would have the kernel throw the children's statuses away (wait(2)).
        _ = try check(supd_signal_default(SIGCHLD), "sigaction")
    }

    /// Makes the process a supervisor: signals blocked, descriptors 0 to 2 present, the limit of descriptors raised, and
    /// orphans adopted (PR_SET_CHILD_SUBREAPER). Throws the first call that fails.
    package init(serviceManager: (any ServiceManagerLink)? = nil, options: Options = Options()) throws(LinuxHostFailure)
    {
        // Before anything of it is changed.
        inherited = InheritedState()
        try Self.blockSignals(takesAll: options.takesAllSignals)
        try Self.fillStandardDescriptors()
        supd_close_on_exec_from(3)
        self.options = options
        self.serviceManager = serviceManager
        nullDescriptor = try check(supd_open("/dev/null", O_RDWR, 0), "open of /dev/null")
        if let place = try spawns.takePlace(null: nullDescriptor) { spawns.giveBack(place) }
        spareDescriptor = try check(supd_duplicate(nullDescriptor), "dup of /dev/null")
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        _ = try check(supd_raise_descriptor_limit(&soft, &hard), "setrlimit of RLIMIT_NOFILE")
        descriptorLimit = supd_limit(resource: Int32(RLIMIT_NOFILE.rawValue), soft: soft, hard: hard)
        supd_reserve_keep()
        oomScoreFile = supd_open("/proc/self/oom_score_adj", O_RDONLY, 0)
        oomScoreAtStart = Self.readNumber(oomScoreFile)
        identity = OwnIdentity()
        groups = ControlGroups(isOff: options.controlGroups == .off) { GroupPlan.Surroundings(serviceManager) }
        ownPID = getpid()
        procfs = ProcFiles(ownPID: ownPID, scansAllOfProc: options.scansAllOfProc)
        _ = try check(supd_become_subreaper(), "prctl of PR_SET_CHILD_SUBREAPER")
        loop = try EventLoop(signals: options.takesAllSignals ? SignalSet.all : SignalSet.handled)
        outputs = PipeReads(loop)
        poolWork = PoolWork(mailbox: loop.mailbox)
        let files = BlockingCalls(mailbox: loop.mailbox, limit: Self.fileThreads, apart: true)
        self.files = files
        wholeFiles = files.makeLane()
        procfs.helper = { files.process }
        looks = ProcessLooks(mailbox: loop.mailbox)
        errorStream = ErrorStream()
        errorFile = errorStream.isFile ? ErrorFile(files) : nil
        standardError = loop.open(errorStream.descriptor)
        outputs.whenClosed = { [unowned self] in closeBeside([$0], of: .anybody($0)) }
        groups.companions = { [unowned self] in
            (procfs.ownChildren() ?? []) + started + (self.files.process.map { [$0] } ?? [])
        }
        // Whose tree they are of, and what they are called, is known now.
        looks.whenFound = { [unowned self] in if !doubtful.isEmpty { loop.tellToLookAgain() } }
    }

    /// Who sends descriptors.
    enum Sender: Hashable {
        /// A service, by its socket for notices.
        case notices(Channel)
        /// A user, who is a client of the control socket.
        case user(UInt32)
        /// Whoever has put into a descriptor what goes with it: clients of a socket that were not accepted, a service of an earlier daemon.
        case anybody(Int32)
    }

    /// So many of them may have sent something whose close(2) hangs.
    private static let closingThreads = 64
    /// So many files may hang at a time and hold up no other.
    private static let fileThreads = 64
    /// How long the end of the process that writes files is waited for at most, as only a call that hangs or a machine that is busy takes
    /// so long, and at least: it ends with the daemon, and what it has not written by then is lost.
    static let longestFileProcessEnd = Duration.seconds(1)
    static let shortestFileProcessEnd = Duration.milliseconds(20)

    deinit {
        for slot in processes.living { closeDescriptor(slot.pidfd) }
        for descriptor in [nullDescriptor, spareDescriptor, oomScoreFile] { closeDescriptor(descriptor) }
        // Their children read what they have there.
        for (_, child) in spawns.children { _ = Unmanaged.passRetained(child.place) }
        for look in spawns.looks { _ = Unmanaged.passRetained(look) }
        supd_reserve_drop()
        groups.close(by: MonotonicInstant(nanoseconds: .max))
        for claim in controlSockets { claim.giveUp() }
    }

    /// A descriptor of the daemon's that lands on 0, 1 or 2 because it was started without would be taken for the
    /// standard one by all that writes there, and be clobbered in every child.
    private static func fillStandardDescriptors() throws(LinuxHostFailure) {
        for descriptor in Int32(0)...2 where supd_is_open(descriptor) == 0 {
            // The lowest free number is given, and all below are taken.
            _ = try check(supd_open("/dev/null", O_RDWR, 0), "open of /dev/null")
        }
    }

    /// The number that a file of procfs says.
    static func readNumber(_ descriptor: Int32) -> Int32? {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { buffer -> Int32? in
            let count = pread(descriptor, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return nil }
            let text = String(decoding: buffer.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            return Int32(text)
        }
    }
}

/// Who the daemon itself is, so that a service that is to run as the same is not refused where nobody may change that.
struct OwnIdentity {
    let uid: UInt32
    let gid: UInt32
    let groups: Set<UInt32>
    /// Real, effective and saved id are one.
    let uidIsPlain: Bool
    let gidIsPlain: Bool

    init() {
        uid = geteuid()
        gid = getegid()
        uidIsPlain = supd_user_is_plain() != 0
        gidIsPlain = supd_group_is_plain() != 0
        var list = [gid_t](repeating: 0, count: max(0, Int(getgroups(0, nil))))
        let count = getgroups(Int32(list.count), &list)
        groups = Set(list.prefix(max(0, Int(count))))
    }
}
