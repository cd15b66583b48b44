import Glibc
import Testing

/// Many services, and many changes one after the other.
@Suite(.daemons)
struct ManyChangesTests {
    @Test func ofAThousandOnlyTheChangedOneIsTouched() async throws {
        func site(_ changed: String) -> String {
            (0..<1000).map { number in
                TOML.service("s\(number)", ["/bin/sleep", number == 150 ? changed : "1000"])
            }.joined()
        }
        try await withDaemon(site("1000")) { daemon in
            let old = try await daemon.runs()
            try await daemon.applies(site("1001"))
            let new = try await daemon.runs()
            #expect(old.count == 1000 && new.count == 1000)
            #expect(new.filter { old[$0.key] != $0.value }.map(\.key) == ["s150"])
            let children = daemon.programs
            #expect(children.count == 1000)
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    /// The services crash meanwhile, and two clients ask all the time.
    @Test func editsInQuickSuccessionEndAsTheLastOneSays() async throws {
        let soon = #"backoff = { policy = "constant", delay = "10ms", jitter = "none" }"#
        func site(_ round: Int) -> String {
            var text = TOML.child("stays", ["wait"], soon, "start_limit_burst = 0", "restart = \"always\"")
            // Of four that come and go three are there at a time, one is another program each time, one has as many instances as it gets.
            for number in 0..<4 where number != round % 4 {
                text += TOML.child("s\(number)", ["wait"], soon, "start_limit_burst = 0", "restart = \"always\"")
            }
            text += TOML.child("web", ["wait", "\(round)"], soon, "start_limit_burst = 0", "restart = \"always\"")
            text += TOML.child("pool", ["wait"], "instances = \(1 + round % 3)", soon, "start_limit_burst = 0")
            return text
        }
        // As many as ten a second are in a minute, as fast as they go.
        let rounds = 600
        try await withDaemon(site(0)) { daemon in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let connection = try daemon.connect()
                        // It ends by being cancelled, wherever that finds it.
                        while !Task.isCancelled {
                            do {
                                _ = try await connection.call("service.status")
                            } catch is CancellationError {
                                return
                            }
                        }
                    }
                }
                for round in 1...rounds {
                    let next = try daemon.folder.write("next.toml", site(round))
                    try #require(rename(next, daemon.configuration) == 0)
                    daemon.process.signal(SIGHUP)
                    guard round.isMultiple(of: 3) else { continue }
                    let services = try await daemon.services()
                    for pid in services.shuffled().prefix(2).compactMap(\.pid.int) where ProcessTable.isAlive(pid) {
                        // It may be gone by itself.
                        try? ProcessTable.kill(pid, SIGKILL)
                    }
                }
                try await daemon.applies(site(rounds))
                group.cancelAll()
                while try await group.next() != nil {}
            }
            let expected =
                ["stays", "web"] + (0..<4).filter { $0 != rounds % 4 }.map { "s\($0)" }
                + (1...1 + rounds % 3).map { "pool@\($0)" }
            for name in expected { try await daemon.service(name, becomes: "RUNNING") }
            let services = try await daemon.services()
            #expect(services.compactMap(\.name.string).sorted() == expected.sorted())
            let pids = try services.map { try $0.requirePID() }
            let children = daemon.programs
            #expect(children.sorted() == pids.sorted(), "nothing runs twice, and nothing is left")
            #expect(try await daemon.supctl("apply").output.hasPrefix("nothing to do"))
            #expect(try await daemon.terminate() == .exited(0))
        }
    }

    @Test func aThousandSignalsAreFewConfigurations() async throws {
        try await withDaemon(TOML.child("web", ["wait"])) { daemon in
            let old = try await daemon.runs()
            try daemon.edit(TOML.child("web", ["wait"]) + TOML.child("new", ["wait"]))
            for _ in 0..<1000 { daemon.process.signal(SIGHUP) }
            let line = try await daemon.log.first(by: .usual) { $0.contains("new is running") }
            #expect(line != nil)
            // Behind all of them.
            try await daemon.applies(TOML.child("web", ["wait"]))
            #expect(daemon.manager.said.all.count { $0 == "RELOADING=1" } < 500)
            #expect(
                daemon.manager.said.all.count { $0.hasPrefix("RELOADING") }
                    <= daemon.manager.said.all.count { $0 == "READY=1" })
            #expect(try await daemon.runs() == old)
        }
    }

    @Test func whatWasRemovedLeavesNothingInTheDaemon() async throws {
        let folder = try TemporaryFolder()
        let stays = TOML.child("stays", ["wait"])
        let comes = TOML.child(
            "web", ["serve"], "instances = 2", "sockets = [{ listen = \"\(folder.path("web.sock"))\" }]",
            "log = { sink = \"file\", file = \"\(folder.path("web-%i.log"))\" }",
            #"health = { type = "exec", command = "/bin/true", period = "10ms" }"#)
        try await withDaemon(stays, folder: folder) { daemon in
            let old = try await daemon.runs()
            let pid = Int(daemon.process.pid)
            var before = 0
            for round in 0..<10 {
                try await daemon.applies(stays + comes)
                let tree = try await daemon.connect().call("service.tree", ["services": ["web"]])
                let groups = tree.services.array.compactMap(\.control_group.string)
                try await daemon.applies(stays)
                // Nobody is kept waiting for the removal of a group that is proved empty.
                let deadline = Deadline.usual
                for group in groups {
                    while access(group, F_OK) == 0 {
                        if deadline.hasPassed { throw Failure("\(group) is still there") }
                        await Task.yield()
                    }
                }
                #expect(try await folder.loses("web.sock"))
                if round == 0 { before = try ProcessTable.descriptors(of: pid).count }
            }
            // What works beside the loop comes and goes with a few; one that is left each time makes nine.
            #expect(try ProcessTable.descriptors(of: pid).count < before + 9)
            let new = try await daemon.runs()
            #expect(new == old)
        }
    }
}
