import Glibc
import Testing

/// A file with a fault changes nothing, whoever asks for it.
@Suite(.daemons)
struct RefusedConfigurationTests {
    /// What goes wrong with the files.
    enum Mishap: CaseIterable {
        case faults, vanishedInclude, vanishedFile, pluginOption, cycle

        /// The configuration with it.
        func text(_ good: String, in folder: TemporaryFolder) -> String {
            switch self {
            case .faults:
                good.replacing("[service.web]", with: "[service.web]\nnise = 3\nnice = 99\nbroken = [1,")
                    + "]\n[service.x]\nexec_start = 7\n"
            case .vanishedInclude, .vanishedFile: good
            case .pluginOption: good + "[plugins.trouble]\ndoes = [\"nothing good\"]\n"
            case .cycle:
                good + TOML.child("a", ["wait"], #"requires = ["b"]"#)
                    + TOML.child("b", ["wait"], #"requires = ["a"]"#)
            }
        }

        /// What is said of it.
        var said: String {
            switch self {
            case .faults: "'nise'"
            case .vanishedInclude: "more.toml"
            case .vanishedFile: "supd.toml"
            case .pluginOption: "knows no 'nothing good'"
            case .cycle: "a → b → a"
            }
        }
    }

    @Test(arguments: Mishap.allCases)
    func nothingIsTouchedAndEveryFaultIsTold(mishap: Mishap) async throws {
        let folder = try TemporaryFolder()
        let socket = folder.path("web.sock")
        let good =
            "include = [\"more.toml\"]\n" + TOML.child("web", ["serve"], "sockets = [{ listen = \"\(socket)\" }]")
        try folder.write("more.toml", TOML.child("more", ["wait"]))
        try await withDaemon(good, folder: folder, program: Programs.troubled) { daemon in
            let old = try await daemon.runs()
            let client = try Connection(to: socket)
            let control = try daemon.connect()
            _ = try await control.call("supervisor.ping")
            try daemon.edit(mishap.text(good, in: folder))
            if mishap == .vanishedInclude { unlink(folder.path("more.toml")) }
            if mishap == .vanishedFile { unlink(daemon.configuration) }
            let check = try await run(Programs.troubled, ["check", "--config", daemon.configuration])
            #expect(check.code == 78)
            #expect(check.error.contains(mishap.said), "\(check)")
            // Only who names the file can name another.
            let faults = check.error.replacing(", or name another with --config", with: "").split(separator: "\n")
                .filter { $0.hasPrefix(folder.path) }
            if mishap == .faults { #expect(faults.count > 1, "\(check)") }
            for verb in ["plan", "apply"] {
                let output = try await daemon.supctl(verb)
                #expect(output.code == 78, "\(output)")
                #expect(output.error.split(separator: "\n").dropLast() == faults[...], "\(output) \(check)")
                #expect(output.error.contains("nothing was changed"), "\(output)")
            }
            let said = daemon.log.all.count
            let heard = daemon.manager.said.all.count
            try await daemon.hangUp()
            // A sentence for the status may come in between, and the end of the `apply` before it late.
            let reload = daemon.manager.said.all.dropFirst(heard).map { $0.prefix { $0 != "=" } }
            let order = reload.drop { $0 != "RELOADING" }.filter { $0 != "STATUS" }
            #expect(order.prefix(3) == ["RELOADING", "MONOTONIC_USEC", "READY"])
            for fault in faults {
                let line = try await daemon.log.first(from: said, by: .usual) { $0.contains(fault) }
                #expect(line != nil, "\(fault)")
            }
            #expect(
                daemon.manager.last("STATUS") == "the configuration was refused: \(faults.first ?? "")",
                "\(daemon.manager.said.all)")
            #expect(try await daemon.runs() == old)
            #expect(try await control.call("supervisor.ping").state == "RUNNING")
            try await client.send("still\n")
            #expect(try await client.line()?.hasSuffix(" still") == true)
            // The next file that is whole is taken.
            try folder.write("more.toml", TOML.child("more", ["wait"]))
            try await daemon.applies(good + TOML.child("new", ["wait"]))
            var new = try await daemon.runs()
            new["new"] = nil
            #expect(new == old)
        }
    }

    /// At every byte.
    @Test func aFileCutAnywhereHarmsNothing() async throws {
        let whole =
            (0..<4).map { number in
                TOML.child(
                    "service-\(number)", ["wait", "word \(number)"], "description = \"number \(number)\"",
                    #"backoff = { policy = "constant", delay = "10ms" }"#, #"tags = ["a", "b"]"#)
            }.joined() + "[supervisor.drain]\ntimeout = \"20s\"\n"
        try await withDaemon(TOML.child("service-0", ["wait", "word 0"]) + TOML.child("old", ["wait"])) { daemon in
            for length in 0..<whole.utf8.count {
                try daemon.edit(String(whole.utf8.prefix(length)) ?? "")
                daemon.process.signal(SIGHUP)
                _ = try await daemon.connect().call("supervisor.ping")
            }
            try await daemon.applies(whole)
            let runs = try await daemon.runs()
            #expect(runs.keys.sorted() == (0..<4).map { "service-\($0)" })
            for name in runs.keys {
                let service = try await daemon.service(name, becomes: "RUNNING")
                #expect(service.description.string == "number \(name.suffix(1))")
            }
            #expect(daemon.programs.count == 4)
            #expect(try await daemon.supctl("apply").output.hasPrefix("nothing to do"))
        }
    }
}
