import Glibc
import SupdHost
import SupdSystemd
import Testing

/// What a daemon finds of systemd, seen by a process of its own whose environment and descriptors are made up.
@Suite struct SystemdLinkTests {
    let folder: SocketFolder
    let path: String

    init() throws {
        folder = try SocketFolder()
        path = folder.path + "/notify"
    }

    @Test func withoutSystemdThereIsNobodyToTell() throws {
        let lines = try Probe(states: ["READY=1"]).run()
        #expect(
            lines == [
                "manager: false", "watchdog: none", "journal: false", "socket control: none", "socket other: none",
                "socket control: none", "notify: false",
            ])
    }

    @Test func theManagerIsToldThroughItsSocket() throws {
        let manager = try DatagramReceiver(path: path)
        let lines = try Probe(
            environment: ["NOTIFY_SOCKET=\(path)"], states: ["READY=1\nSTATUS=up", "STOPPING=1"]
        ).run()
        #expect(lines.contains("manager: true"))
        #expect(lines.suffix(2) == ["notify: true", "notify: true"])
        #expect(try manager.next()?.text == "READY=1\nSTATUS=up")
        #expect(try manager.next()?.text == "STOPPING=1")
    }

    @Test func anAbstractAddressIsOneAsWell() throws {
        // Nobody is bound there: the address is understood, and the failure is told.
        let lines = try Probe(environment: ["NOTIFY_SOCKET=@supd-test-nobody"], states: ["READY=1"]).run()
        #expect(lines.contains("manager: true"))
        #expect(lines.last == "notify: false")
    }

    @Test(arguments: ["relative", "/" + String(repeating: "x", count: 5000), "@", ""])
    func anAddressThatIsNoneIsNobodyWhoIsTold(address: String) throws {
        let lines = try Probe(environment: ["NOTIFY_SOCKET=\(address)"], states: ["READY=1"]).run()
        #expect(lines.last == "notify: false", "\(lines)")
    }

    @Test func aManagerThatIsGoneIsAFailureAndNoMore() throws {
        let lines = try Probe(environment: ["NOTIFY_SOCKET=\(path)"], states: ["READY=1"]).run()
        #expect(lines.suffix(1) == ["notify: false"])
    }

    @Test func aManagerThatDoesNotReadIsNotWaitedFor() throws {
        let manager = try DatagramReceiver(path: path)
        try manager.fillQueue()
        let lines = try Probe(environment: ["NOTIFY_SOCKET=\(path)"], states: ["READY=1", "READY=1"]).run()
        #expect(lines.suffix(2) == ["notify: false", "notify: false"])
        #expect(try manager.next() != nil)
    }

    @Test func aSocketIsGivenUpOnceByItsName() throws {
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var probe = Probe(environment: ["LISTEN_FDS=1", "LISTEN_FDNAMES=control"], descriptor3: socket)
        probe.hasListenPID = true
        let lines = try probe.run()
        #expect(lines.contains("manager: false"))
        #expect(
            lines.suffix(3) == [
                "socket control: 3, close-on-exec true", "socket other: none", "socket control: none",
            ])
    }

    @Test func socketsForAnotherProcessAreNotTaken() throws {
        let environment = ["LISTEN_FDS=1", "LISTEN_FDNAMES=control", "LISTEN_PID=1"]
        #expect(try Probe(environment: environment, descriptor3: 2).run().contains("socket control: none"))
    }

    @Test func theJournalIsThereWhereStandardErrorIsWhatSystemdConnected() throws {
        var pipe: [Int32] = [-1, -1]
        try #require(Glibc.pipe(&pipe) == 0)
        defer { for end in pipe { close(end) } }
        var status = stat()
        try #require(fstat(pipe[1], &status) == 0)
        let stream = "\(status.st_dev):\(status.st_ino)"
        let cases = [(stream, true), ("\(status.st_dev):1", false), ("1:\(status.st_ino)", false), ("x", false)]
        for (value, expected) in cases {
            let lines = try Probe(environment: ["JOURNAL_STREAM=\(value)"], standardError: pipe[1]).run()
            #expect(lines.contains("journal: \(expected)"), "\(value)")
        }
        // Redirected afterwards.
        #expect(try Probe(environment: ["JOURNAL_STREAM=\(stream)"]).run().contains("journal: false"))
    }
}
