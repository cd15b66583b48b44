import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct EnvironmentTests {
    private struct Never: RestartPolicy {
        func decide(_ context: RestartContext) -> RestartDecision { .stay }
    }
    private struct AtOnce: Backoff {
        func delay(for context: BackoffContext) -> Duration { .zero }
        var resetAfter: Duration? { nil }
    }

    private var service: ServiceConfiguration
    private let instance: InstanceName

    init() throws {
        let name = try #require(ServiceName("web"))
        service = ServiceConfiguration(
            name: name, execStart: ["/bin/true"], restart: Never(), restartName: "never", backoff: AtOnce(),
            backoffName: "at-once")
        instance = InstanceName(service: name, index: 2)
    }

    private func build(
        _ service: ServiceConfiguration, inherited: [String: String] = [:], files: [String: String] = [:],
        errors: [String: Int32] = [:], opaque: [[UInt8]] = []
    ) throws -> ProcessEnvironment {
        let own = inherited.map { Array("\($0.key)=\($0.value)".utf8) }
        return try buildEnvironment(for: service, instance: instance, inherited: { own + opaque }) { path in
            if let error = errors[path] { return .failure(FileProblem(ErrorNumber(error))) }
            return files[path].map { .success(Array($0.utf8)) } ?? .failure(FileProblem(ErrorNumber(ENOENT)))
        }
    }

    @Test func aPlainServiceHasNothingButItsPath() throws {
        #expect(try build(service, inherited: ["SECRET": "x", "PATH": "/x"]).strings == ["PATH=\(standardPath)"])
    }

    @Test func laterSourcesWin() throws {
        var service = service
        service.conduct.identity = Identity(
            uid: 5, gid: 6, groups: [6], userName: "jo", home: "/home/jo", shell: "/bin/zsh")
        service.conduct.passEnvironment = ["LANG", "HOME", "B", "C", "UNSET"]
        service.conduct.environmentFiles = [
            EnvironmentFile(path: "/one", optional: false), EnvironmentFile(path: "/two", optional: false),
        ]
        service.environment = [EnvironmentVariable(name: "C", value: "own"), .init(name: "N", value: "%n@%i 5%%")]
        let environment = try build(
            service, inherited: ["LANG": "de", "HOME": "/root", "B": "inherited", "C": "inherited", "D": "no"],
            files: ["/one": "B=one\nC=one\nX=one\n", "/two": "X=two\n"])
        #expect(
            environment.strings == [
                "B=one", "C=own", "HOME=/root", "LANG=de", "LOGNAME=jo", "N=web@2 5%", "PATH=\(standardPath)",
                "SHELL=/bin/zsh", "USER=jo", "X=two",
            ])
    }

    @Test func aPatternPassesTheWholeLessWhatSpeaksToSupd() throws {
        var service = service
        service.conduct.identity = Identity(
            uid: 5, gid: 6, groups: [6], userName: "jo", home: "/home/jo", shell: "/bin/zsh")
        service.conduct.passEnvironment = ["*"]
        let environment = try build(
            service,
            inherited: [
                "LANG": "de", "HOME": "/root", "PATH": "/own", "NOTIFY_SOCKET": "/n", "LISTEN_FDS": "1",
                "LISTEN_PID": "1",
                "LISTEN_FDNAMES": "a", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "JOURNAL_STREAM": "1:2",
                "FDSTORE": "1",
                "MAINPID": "1", "MANAGERPID": "1", "MANAGERPIDFDID": "1", "SYSTEMD_EXEC_PID": "1",
                "MEMORY_PRESSURE_WATCH": "/sys/fs/cgroup/system.slice/supd.service/memory.pressure",
                "MEMORY_PRESSURE_WRITE": "eA==",
                "INVOCATION_ID": "x", "SUPD_INVOCATION": "y", "LISTEN_ADDRESS": "own",
            ])
        #expect(
            environment.strings == [
                "HOME=/home/jo", "LANG=de", "LISTEN_ADDRESS=own", "LOGNAME=jo", "PATH=/own", "SHELL=/bin/zsh",
                "USER=jo",
            ])
        service.conduct.passEnvironment = ["LC_*", "HOME"]
        #expect(
            try build(service, inherited: ["LC_ALL": "C", "LC_TIME": "de", "LANG": "x", "HOME": "/root"]).strings == [
                "HOME=/root", "LC_ALL=C", "LC_TIME=de", "LOGNAME=jo", "PATH=\(standardPath)", "SHELL=/bin/zsh",
                "USER=jo",
            ])
    }

    @Test func whatIsNoTextIsPassedOnAsItIs() throws {
        var service = service
        service.conduct.passEnvironment = ["*"]
        let raw: [[UInt8]] = [
            Array("RAW=".utf8) + [0xFF, 0x41], [0xC0] + Array("NAME=x".utf8), Array("=no name".utf8),
        ]
        let environment = try build(service, inherited: ["A": "b"], opaque: raw)
        #expect(environment.strings == ["A=b", "PATH=\(standardPath)"])
        #expect(Set(environment.opaqueStrings) == Set(raw.prefix(2)))
        #expect(environment["RAW"] == "\u{FFFD}A")
        // What the service says itself wins over it.
        service.environment = [EnvironmentVariable(name: "RAW", value: "text")]
        let own = try build(service, opaque: raw)
        #expect(own["RAW"] == "text" && own.opaqueStrings == [raw[1]])
    }

    @Test func anOptionalFileMayBeAbsentButNotUnreadable() throws {
        var service = service
        service.conduct.environmentFiles = [EnvironmentFile(path: "/gone", optional: true)]
        #expect(try build(service).strings.count == 1)
        #expect(throws: EnvironmentFault.unreadable(path: "/gone", FileProblem(ErrorNumber(EACCES)))) {
            try build(service, errors: ["/gone": EACCES])
        }
        service.conduct.environmentFiles = [EnvironmentFile(path: "/gone", optional: false)]
        let fault = #expect(throws: EnvironmentFault.self) { try build(service) }
        #expect(
            fault?.description == "environment file /gone cannot be read: ENOENT (No such file or directory)")
        #expect(fault?.subject == "file /gone")
    }

    @Test func aMalformedFileIsNamedWithItsLine() throws {
        var service = service
        service.conduct.environmentFiles = [EnvironmentFile(path: "/bad", optional: true)]
        let fault = #expect(throws: EnvironmentFault.self) {
            try build(service, files: ["/bad": "A=1\nB='2\n"])
        }
        #expect(fault?.description == "environment file /bad:2: a quotation mark is never closed")
    }
}
