import SupdPlugin
import Testing

@testable import SupdConfiguration

/// Where what is in force comes from.
@Suite struct DefinitionInForceTests {
    private static let main = """
        include = "more.toml"
        [defaults]
        nice = 5
        environment = { LANG = "C", MODE = "slow" }
        kill_signal = "TERM"
        [service.web]
        exec_start = "/bin/web --port 80"
        restart = "always"
        """
    private static let more = """
        [service.db]
        exec_start = "/bin/db"
        environment.MODE = "fast"
        log = { sink = "file", file = "/var/log/db" }
        timeout_stop = 30
        """

    private func definitions(
        _ name: String, inForce: [String: String], now: [String: String]
    ) throws -> DefinitionInForce {
        let service = try #require(
            try Load.good(inForce["main"] ?? "", ["/etc/supd/more.toml": inForce["more"] ?? ""]).services.first {
                $0.name.rawValue == name
            })
        let files = [Load.path: now["main"] ?? "", "/etc/supd/more.toml": now["more"] ?? ""]
        let loader = ConfigurationLoader(plugins: Load.plugins, sources: Load.sources(files))
        return try #require(loader.definitions(of: [service], path: Load.path).first)
    }

    private func set(_ definition: DefinitionInForce) -> [String] {
        definition.keys.filter { $0.origin != .standard }.map { key in
            switch key.origin {
            case .service(let file, let line): "\(key.path) = \(key.value) \(file):\(line)"
            case .defaults(let file, let line): "\(key.path) = \(key.value) defaults \(file):\(line)"
            case .standard, .changed: "\(key.path) = \(key.value) changed"
            }
        }
    }

    @Test func eachKeyHasItsPlace() throws {
        let files = ["main": Self.main, "more": Self.more]
        let web = try definitions("web", inForce: files, now: files)
        #expect(web.hasChanged == false)
        #expect(
            set(web).map { $0.replacing(Load.path, with: "M") } == [
                #"environment.LANG = "C" defaults M:4"#, #"environment.MODE = "slow" defaults M:4"#,
                #"exec_start = ["/bin/web", "--port", "80"] M:7"#, #"kill_signal = "SIGTERM" defaults M:5"#,
                "nice = 5 defaults M:3", #"restart = "always" M:8"#,
            ])
        let db = try definitions("db", inForce: files, now: files)
        let shown = set(db)
        #expect(shown.contains { $0.hasPrefix(#"environment.MODE = "fast" "#) && $0.hasSuffix("more.toml:3") })
        #expect(shown.contains { $0.hasPrefix(#"log.file = "/var/log/db" "#) && $0.hasSuffix("more.toml:4") })
        #expect(shown.contains { $0.hasPrefix(#"timeout_stop = "30s" "#) })
        #expect(Set(db.keys.filter(\.isDelicate).map(\.path)) == ["environment.LANG", "environment.MODE"])
        // What nobody sets.
        #expect(db.keys.contains { $0.path == "timeout_start" && $0.value == "\"1min 30s\"" && $0.origin == .standard })
        #expect(Set(db.keys.map(\.path)).count == db.keys.count)
    }

    @Test func whatHasChangedSinceIsNotClaimed() throws {
        let old = ["main": Self.main, "more": Self.more]
        var new = old
        new["main"] = Self.main.replacing("nice = 5", with: "nice = 7").replacing("slow", with: "slower")
        let web = try definitions("web", inForce: old, now: new)
        #expect(web.hasChanged == true)
        let shown = set(web)
        #expect(shown.contains("nice = 5 changed") && shown.contains(#"environment.MODE = "slow" changed"#), "\(shown)")
        #expect(shown.contains { $0.hasPrefix(#"environment.LANG = "C" defaults"#) })
        // A key that is new is not in force; of another service nothing has changed.
        new = old
        new["main"] = Self.main + "\nnice = 3\ntags = [\"a\"]\n"
        #expect(try definitions("web", inForce: old, now: new).hasChanged == true)
        #expect(try definitions("db", inForce: old, now: new).hasChanged == false)
        // What says what holds anyway changes nothing.
        new["main"] = Self.main + "\nessential = false\n"
        let same = try definitions("web", inForce: old, now: new)
        #expect(same.hasChanged == false && set(same).contains { $0.hasPrefix("essential = false ") })
        // Gone, and not to be read.
        new["main"] = "[service.other]\nexec_start = \"/bin/x\"\n"
        #expect(try definitions("web", inForce: old, now: new).hasChanged == true)
        new["main"] = "[service.other\n"
        #expect(try definitions("web", inForce: old, now: new).hasChanged == nil)
    }

    @Test func whatIsShownIsAConfiguration() throws {
        let files = ["main": Self.main, "more": Self.more]
        for name in ["web", "db"] {
            let definition = try definitions(name, inForce: files, now: files)
            func text(_ keys: [DefinitionInForce.Key]) -> String {
                "[service.\(name)]\n" + keys.map { "\($0.path) = \($0.value)\n" }.joined()
            }
            #expect(Load.faults(text(definition.keys)) == [])
            let before = try Load.good(Self.main, ["/etc/supd/more.toml": Self.more]).services.first {
                $0.name.rawValue == name
            }
            let again = try Load.good(text(definition.keys.filter { $0.origin != .standard })).services[0]
            #expect(again.text == before?.text)
        }
    }
}
