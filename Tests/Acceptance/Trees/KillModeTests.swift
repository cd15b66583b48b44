import Glibc
import Testing

/// Whom a stop reaches in each kill mode (systemd.kill(5)).
@Suite(.daemons)
struct KillModeTests {
    /// The processes of the verb `company` by their kinds, and those that got SIGTERM.
    private struct Company {
        var pids: [String: Int] = [:]
        var terminated: Set<Int> = []

        init(_ text: String) {
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard words.count == 2, let pid = Int(words[1]) else { continue }
                if words[0] == "SIGTERM" { terminated.insert(pid) } else { pids[String(words[0])] = pid }
            }
        }

        var living: Set<String> { Set(pids.filter { ProcessTable.isAlive($0.value) }.keys) }
        var told: Set<String> { Set(pids.filter { terminated.contains($0.value) }.keys) }
    }

    private func stop(
        _ verb: [String], _ settings: String, _ standing: Standing,
        then check: (Daemon, Company) async throws -> Void
    ) async throws {
        let folder = try standing.folder()
        let services = TOML.child("web", ["into", folder.path("all")] + verb, settings, #"timeout_stop = "20s""#)
        try await standing.run(services, in: folder) { daemon in
            let text = try await folder.text(of: "all") { Company($0).pids.count == 4 }
            #expect(Company(text).living.count == 4)
            try await daemon.order("stop", "web", timeout: 10)
            let web = try await daemon.service("web")
            let exit = web.last_exit
            #expect(web.state == "STOPPED" && (exit.code == 0 || exit.signal == "SIGTERM"), "\(web.text)")
            try await check(daemon, Company(folder.read("all") ?? ""))
        }
    }

    /// One in a session of its own gets its signal together with the others: the main process waits for it.
    @Test(arguments: Standing.allCases)
    func controlGroupReachesAllAtOnce(_ standing: Standing) async throws {
        try await stop(["company", "wait"], "", standing) { _, company in
            #expect(company.told == ["main", "child", "session", "daemon"])
            #expect(company.living == [])
        }
    }

    /// The others are orphans before anybody can look who they are.
    @Test(arguments: Standing.allCases)
    func controlGroupReachesWhatIsLeftByAMainProcessThatDiesAtOnce(_ standing: Standing) async throws {
        try await stop(["company", "die"], "", standing) { _, company in
            #expect(company.told == ["child", "session", "daemon"])
            #expect(company.living == [])
        }
    }

    @Test(arguments: Standing.allCases)
    func mixedTellsTheMainProcessAndKillsTheOthers(_ standing: Standing) async throws {
        try await stop(["company"], #"kill_mode = "mixed""#, standing) { _, company in
            #expect(company.told == ["main"])
            #expect(company.living == [])
        }
    }

    @Test(arguments: Standing.allCases)
    func processLeavesTheOthersAloneAndSaysSo(_ standing: Standing) async throws {
        try await stop(["company"], #"kill_mode = "process""#, standing) { daemon, company in
            #expect(company.told == ["main"])
            let left = ["child", "session", "daemon"].compactMap { company.pids[$0] }.sorted()
            #expect(company.living == ["child", "session", "daemon"])
            // Also while another attempt is under way, which has as many of its own.
            for isRunningAgain in [false, true] {
                if isRunningAgain {
                    try await daemon.order("start", "web")
                    try await daemon.service("web", becomes: "RUNNING")
                }
                let web = try await daemon.service("web")
                #expect(web.left_behind.array.compactMap(\.int) == left)
                #expect(web.reason.string?.contains("left running: \(left[0]) (") == true, "\(web.text)")
                let shown = try await daemon.supctl("tree", "web")
                #expect(left.allSatisfy { shown.output.contains("\($0) ") }, "\(shown.output)")
            }
            let line = daemon.log.all.first { $0.contains("web leaves 3 processes running, as its kill_mode is") }
            #expect(left.allSatisfy { line?.contains("\($0) (") == true }, "\(line ?? "")")
            // The shutdown leaves nothing, and says what it killed.
            let ending = try await daemon.terminate()
            #expect(ending == .exited(0))
            for pid in company.pids.values { #expect(try await ProcessTable.isGone(pid, by: .seconds(2))) }
            let killed = daemon.log.all.first { $0.contains("killed processes that no stop was for") }
            #expect(left.allSatisfy { killed?.contains("\($0) (") == true }, "\(killed ?? "")")
            #expect(killed?.contains(", left by web)") == true, "\(killed ?? "")")
        }
    }
}
