import Foundation
import SupdConfiguration
import SupdPlugin
import TestChance
import Testing

/// Whatever a file holds, a load ends with a configuration or with faults, and never traps.
@Suite struct RobustnessTests {
    private func load(_ bytes: [UInt8]) -> Result<Configuration, ConfigurationFaults> {
        var sources = Load.sources(Example.files)
        sources.files[Load.path] = bytes
        return ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path)
    }

    /// What must hold of every answer; true where it is a configuration.
    private func isSound(_ result: Result<Configuration, ConfigurationFaults>, size: Int) -> Bool {
        switch result {
        case .success(let configuration):
            for service in configuration.services {
                #expect(
                    !service.execStart.isEmpty && !service.conduct.stopSteps.isEmpty
                        && !service.conduct.restartName.isEmpty)
                #expect(
                    service.instances >= 1
                        && service.conduct.backoff.delay(for: .init(restart: 9, previousDelay: nil, random: 0)) >= .zero
                )
            }
            return true
        case .failure(let faults):
            #expect(!faults.faults.isEmpty)
            for fault in faults.faults {
                #expect(!fault.message.isEmpty && fault.message.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
                #expect(fault.line >= 0 && fault.line <= size + 1 && fault.column <= size + 2)
            }
            return false
        }
    }

    @Test func theExampleIsGood() throws {
        let configuration = try load(Array(Example.text.utf8)).get()
        #expect(configuration.services.map(\.name.rawValue) == ["db", "web", "cache", "worker", "extra1", "extra2"])
        let cache = try #require(configuration.services.first { $0.name.rawValue == "cache" })
        #expect(cache.execStart == ["/usr/bin/cache", "--memory", "64M"])
    }

    @Test func aFileCutShortAtAnyByteIsReadOrRefused() {
        let bytes = Array(Example.text.utf8)
        var good = 0
        for length in 0...bytes.count where isSound(load(Array(bytes.prefix(length))), size: bytes.count) { good += 1 }
        // Cut between two tables it is a smaller configuration, unless a name is then missing.
        #expect(good > 5 && good < bytes.count)
    }

    @Test func anyMutationIsReadOrRefused() {
        let seed = ProcessInfo.processInfo.environment["SUPD_SEED"].flatMap(UInt64.init) ?? .random(in: 0 ... .max)
        // Not buffered: a trap would take the line with it.
        FileHandle.standardError.write(Data("SUPD_SEED=\(seed) repeats these mutations\n".utf8))
        var random = SeededRandom(seed: seed)
        let original = Array(Example.text.utf8)
        let interesting = Array("\"'[]{}=\n#.,\\$%@|-+0e9_\u{0}".utf8) + [0xFF, 0xC3, 0xEF, 0xBB, 0xBF]
        let words = [
            "infinity", "nan", "9223372036854775808", "-1", "1e400", "[[service]]", "\u{2028}", "\\u0000", "%", "${",
        ]
        for _ in 0..<1_500 {
            var bytes = original
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<6, using: &random) {
                case 0: bytes[place] = interesting.randomElement(using: &random) ?? 0
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 2: bytes.remove(at: place)
                case 3: bytes.insert(contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
                case 4: bytes.removeSubrange(place..<min(place + 40, bytes.count))
                default: bytes.insert(contentsOf: bytes[place..<min(place + 60, bytes.count)], at: place)
                }
                if bytes.isEmpty { bytes = original }
            }
            let count = bytes.count
            _ = isSound(load(bytes), size: count)
        }
    }

    @Test func lengthsAndDepthsBeyondReasonAreRefused() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(!isSound(load(Array("include = \(deep)".utf8)), size: 200_000))
        let long = String(repeating: "x", count: 1_000_000)
        let report = load(
            Array("\(long) = \"\(long)\"\n[service.\(long)]\nexec_start = \"\(long)\"\nuser = \"\(long)\"\n".utf8))
        #expect(!isSound(report, size: 4_000_000))
        if case .failure(let faults) = report { #expect(faults.description.utf8.count < 2_000) }
        #expect(!isSound(load([UInt8](repeating: 0x20, count: (4 << 20) + 1)), size: 5 << 20))
        let keys = (0..<5_000).map { "k\($0) = 1\n" }.joined()
        guard case .failure(let faults) = load(Array("[service.a]\n\(keys)".utf8)) else {
            Issue.record("unknown keys must be refused")
            return
        }
        #expect(faults.faults.count == 1_001)
        #expect(faults.faults.last?.description.hasSuffix("4001 more faults are not shown") == true)
    }

    @Test func whatEveryServiceWouldTakeIsLimited() {
        let variables = (0...1_000).map { "v\($0) = \"x\"" }.joined(separator: "\n")
        #expect(
            Load.faults("[defaults.environment]\n\(variables)\n") == [
                "1:1: 'environment' has 1001 variables; at most 1000 are allowed"
            ])
        let tags = (0...1_000).map { "\"t\($0)\"" }.joined(separator: ",")
        #expect(
            Load.faults("[defaults]\ntags = [\(tags)]\n") == ["2:8: 'tags' has 1001 items; at most 1000 are allowed"])
    }

    @Test func everybodyWaitingForEverybodyIsToldWithinReason() {
        let names = (1...150).map { "\"s\($0)\"" }.joined(separator: ",")
        let services = (1...150).map { "[service.s\($0)]\nexec_start = \"x\"\nafter = [\(names)]\n" }
        let faults = Load.faults(services.joined())
        #expect(faults.filter { $0.contains("wait for each other") }.count == 100)
        #expect(faults.filter { $0.contains("names the service itself") }.count == 150)
    }

    @Test func moreFaultsThanAreKeptAreCounted() {
        let keys = (0..<12_000).map { "k\($0) = 1\n" }.joined()
        let faults = Load.faults(keys)
        #expect(
            faults.count == 1_001 && faults.last?.hasSuffix("11000 more faults are not shown") == true,
            "\(faults.suffix(1))")
    }

    @Test func aMessageCannotForgeALine() {
        let faults = Load.faults(
            "\"a\\nb: forged\\u001b[31m\" = 1\n[service.a]\nexec_start = \"x\"\nuser = \"a\\nb\"\n")
        #expect(faults.count == 2)
        #expect(faults.allSatisfy { !$0.contains("\n") && !$0.contains("\u{1b}") }, "\(faults)")
    }
}
