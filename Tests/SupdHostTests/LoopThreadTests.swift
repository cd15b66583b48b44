import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// A debug build ends where what belongs to the loop's thread is used on another.
@Suite struct LoopThreadTests {
    enum Door: String, CaseIterable, Codable, Sendable {
        case now, wait, arm, spawn, reap, look, signalTree, read, write, accept, bind, replaceFile, begin, notify

        /// Uses `host` in this way.
        func use(_ host: LinuxHost) {
            let tree = ProcessTree(leader: 1, invocation: "none")
            var byte: UInt8 = 0
            var events: [HostEvent] = []
            switch self {
            case .now: _ = host.now
            case .wait: host.wait(into: &events)
            case .arm: host.arm(TimerToken(kind: 1), at: MonotonicInstant(nanoseconds: 1))
            case .spawn: _ = host.spawn(SpawnOrder(HostBench.request("exit")))
            case .reap: _ = host.reap(ProcessHandle(rawValue: 1))
            case .look: _ = host.look(at: tree)
            case .signalTree: host.signalTree(tree, .cont)
            case .read: _ = withUnsafeMutableBytes(of: &byte) { host.read(host.standardError, into: $0) }
            case .write: _ = withUnsafeBytes(of: &byte) { host.write(host.standardError, $0) }
            case .accept: _ = host.accept(host.standardError)
            case .bind: _ = host.bind(ListenSocket(name: "none", address: .path("/none/such")), patiently: true)
            case .replaceFile: _ = host.replaceFile(path: "/none/such", contents: [], within: .zero)
            case .begin: host.begin(WorkID(rawValue: 1), named: "none") {}
            case .notify: host.notify("READY=1")
            }
        }
    }

    /// A host that is given to another thread, which nobody is to do.
    private final class Lent: @unchecked Sendable {
        let host: LinuxHost

        init(_ host: LinuxHost) { self.host = host }
    }

    private static var isAsserting: Bool {
        var isAsserting = false
        assert(
            {
                isAsserting = true
                return true
            }())
        return isAsserting
    }

    @Test(.enabled(if: isAsserting, "only debug builds check it"), arguments: Door.allCases)
    func aDoorOfTheHostIsForTheLoopsThreadAlone(door: Door) async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [door] in
            MainThread.park()
            let lent = Lent(try LinuxHost())
            onThread { door.use(lent.host) }
            // The process ends meanwhile, or well.
            poll(nil, 0, 20_000)
        }
        let told = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
        #expect(told.contains("is used on another thread than its loop's"))
    }

    @Test func whatOtherThreadsSubmitRunsOnTheLoopsThread() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let lent = Lent(bench.host)
                let mailbox = bench.host.mailbox
                onThread {
                    mailbox.submit { lent.host.arm(TimerToken(kind: 1), at: MonotonicInstant(nanoseconds: 1)) }
                }
                try bench.event("the timer that was armed by it") { $0 == .timer(TimerToken(kind: 1)) }
            }
        }
    }
}
