import Glibc
import SupdConnection
import SupdPlugin
import Synchronization

/// What the thread waits for beside jobs.
struct ClientInterest {
    /// The sockets.
    var sockets: [(descriptor: Int32, wantsToWrite: Bool)] = []
    var deadline: MonotonicInstant?
}

/// The actor that a thread serves. Both are called on the thread only.
protocol ClientThreadOwner: AnyObject, Sendable {
    /// What to wait for.
    func interest() -> ClientInterest
    /// The waiting is over: these events (poll(2)) of sockets have come, perhaps none.
    func handle(events: [Int32: Int16])
}

/// A thread of its own that runs an actor's jobs and waits for its sockets, so that neither ever holds up a thread of
/// Swift's pool.
///
/// It ends after `stop`, when nothing is left to run; the thread itself keeps this object alive until then.
final class ClientThread: SerialExecutor, @unchecked Sendable {
    private struct Queue {
        var jobs: [UnownedJob] = []
        var work: [@Sendable () -> Void] = []
        var isStopped = false
    }

    private struct WeakOwner {
        weak var owner: (any ClientThreadOwner)?
    }

    private let queue = Mutex(Queue())
    private let owner = Mutex(WeakOwner())
    /// The thread's own, for `checkIsolated`.
    private let identity = Mutex<pthread_t?>(nil)
    /// Written to when something is queued: a pair of sockets, because poll(2) waits for descriptors only.
    private let wakeReader: Int32
    private let wakeWriter: Int32

    /// Makes and starts the thread. Throws the failed call and its error.
    init() throws(ClientError) {
        var ends: [Int32] = [-1, -1]
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        guard socketpair(AF_UNIX, Int32(type), 0, &ends) == 0 else {
            throw .failed(call: "socketpair", ErrorNumber(errno))
        }
        wakeReader = ends[0]
        wakeWriter = ends[1]
        let error = start()
        guard error == 0 else { throw .failed(call: "pthread_create", ErrorNumber(error)) }
    }

    deinit {
        close(wakeReader)
        close(wakeWriter)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.withLock { $0.jobs.append(job) }
        wake()
    }

    /// Runs `work` on the thread, in the order it was given.
    func run(_ work: @escaping @Sendable () -> Void) {
        queue.withLock { $0.work.append(work) }
        wake()
    }

    /// Sets whom the thread serves; it does not keep it alive.
    func serve(_ owner: any ClientThreadOwner) {
        self.owner.withLock { $0.owner = owner }
        wake()
    }

    /// Lets the thread end once its queue is empty. A second call does nothing.
    func stop() {
        queue.withLock { $0.isStopped = true }
        wake()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    /// What the thread does beside jobs is the actor's own as well: there is one thread and nobody else.
    func checkIsolated() {
        precondition(isOwnThread, "the client's state is used outside its thread")
    }

    private var isOwnThread: Bool {
        identity.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    private func start() -> Int32 {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // A signal meant for the program must not be taken by a thread it does not know of: the new one starts with
        // all of them blocked.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        // The thread owns a reference to this object; `main` takes it over.
        let owned = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let error = pthread_create(&thread, &attributes, { ClientThread.main($0) }, owned.toOpaque())
        if error != 0 { owned.release() }
        return error
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let argument else { return nil }
        let this = Unmanaged<ClientThread>.fromOpaque(argument).takeRetainedValue()
        this.identity.withLock { $0 = pthread_self() }
        this.loop()
        return nil
    }

    private func loop() {
        while !runQueue() { turn() }
    }

    /// Runs what is queued, and what that queues. True once there is nothing more to come.
    @discardableResult
    private func runQueue() -> Bool {
        while true {
            let (jobs, work, isStopped) = queue.withLock { queue in
                let taken = (queue.jobs, queue.work, queue.isStopped)
                queue.jobs = []
                queue.work = []
                return taken
            }
            for job in jobs { job.runSynchronously(on: asUnownedSerialExecutor()) }
            for closure in work { closure() }
            if jobs.isEmpty, work.isEmpty { return isStopped }
        }
    }

    /// Waits once. The owner is let go while that lasts, or it could never end.
    private func turn() {
        let interest = owner.withLock(\.owner)?.interest() ?? ClientInterest()
        var descriptors = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)]
        descriptors += interest.sockets.map {
            pollfd(fd: $0.descriptor, events: Int16(POLLIN) | ($0.wantsToWrite ? Int16(POLLOUT) : 0), revents: 0)
        }
        poll(&descriptors, nfds_t(descriptors.count), Clock.pollTimeout(until: interest.deadline))
        if descriptors[0].revents != 0 { drainWakes() }
        var events = [Int32: Int16]()
        for socket in descriptors.dropFirst() where socket.revents != 0 { events[socket.fd] = socket.revents }
        // On a busy machine the thread may come back late. Who was cancelled before its time was over was cancelled, and not late.
        runQueue()
        owner.withLock(\.owner)?.handle(events: events)
    }

    private func drainWakes() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            while read(wakeReader, buffer.baseAddress, buffer.count) > 0 {}
        }
    }

    /// A full buffer needs no further byte: the thread will wake for those in it.
    private func wake() {
        var byte: UInt8 = 1
        _ = send(wakeWriter, &byte, 1, Int32(MSG_NOSIGNAL))
    }
}
