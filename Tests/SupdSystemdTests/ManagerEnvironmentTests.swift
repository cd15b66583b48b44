import TestChance
import Testing

@testable import SupdSystemd

/// What the service manager says by the environment, well-formed and not.
@Suite struct ManagerEnvironmentTests {
    private static let pid: Int32 = 4711

    private func read(_ variables: [String: String]) -> ManagerEnvironment {
        ManagerEnvironment(pid: Self.pid) { variables[$0] }
    }

    @Test func namesAreThoseOfTheDescriptorsInTheirOrder() {
        let said = read(["LISTEN_PID": "4711", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "control:http::"])
        #expect(said.names == ["unknown", "unknown", "unknown"])
        #expect(said.problems == ["LISTEN_FDNAMES has 4 names for 3 descriptors, so none of them is known"])
        let three = read(["LISTEN_PID": "4711", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "control:http:"])
        #expect(three.names == ["control", "http", "unknown"] && three.problems == [])
        let nameless = read(["LISTEN_PID": "4711", "LISTEN_FDS": "2"])
        #expect(nameless.names == ["unknown", "unknown"] && nameless.problems == [])
    }

    @Test func whatIsForAnotherProcessIsNoAffairOfThisOne() {
        for pid in ["1", "47110", "471"] {
            let said = read([
                "LISTEN_PID": pid, "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a:b:c", "WATCHDOG_PID": pid,
                "WATCHDOG_USEC": "x",
            ])
            #expect(said == read([:]), "\(pid)")
        }
        #expect(read(["LISTEN_FDS": "1"]).names == [], "without LISTEN_PID it is for nobody")
    }

    @Test func theWatchdogIsForWhomItNamesOrForAll() {
        #expect(read(["WATCHDOG_USEC": "30000000"]).watchdog == .seconds(30))
        #expect(read(["WATCHDOG_USEC": "1500", "WATCHDOG_PID": "4711"]).watchdog == .microseconds(1500))
        #expect(read(["WATCHDOG_USEC": "18446744073709551614"]).watchdog == .microseconds(Int64.max))
    }

    @Test(arguments: [
        "", " 4711", "+4711", "-4711", "0", "0x1267", "4711 ", "04711", "99999999999999999999999", "٤٧١١", "a\u{0}b",
    ])
    func aMalformedNumberHoldsForNothingAndIsSaid(text: String) {
        for name in ["LISTEN_PID", "WATCHDOG_PID"] {
            let said = read(
                ["LISTEN_PID": "4711", "LISTEN_FDS": "1", "WATCHDOG_USEC": "1"].merging([name: text]) { $1 })
            #expect(name == "LISTEN_PID" ? said.names == [] : said.watchdog == nil, "\(said)")
            #expect(said.problems.count == 1 && said.problems[0].hasPrefix("\(name) must be a process id"), "\(said)")
        }
        let said = read(["LISTEN_PID": "4711", "LISTEN_FDS": text, "WATCHDOG_USEC": text])
        if text == "0" {
            #expect(said.names == [] && said.watchdog == nil && said.problems.count == 1)
        } else {
            #expect(said.names == [] && said.watchdog == nil && said.problems.count == 2, "\(said)")
        }
    }

    @Test func moreThanCanBeMeantIsCut() {
        let names = (0..<2000).map { "n\($0)" }.joined(separator: ":")
        let said = read(["LISTEN_PID": "4711", "LISTEN_FDS": "2000", "LISTEN_FDNAMES": names])
        #expect(said.names.count == ManagerEnvironment.maximum && said.names.last == "n1023")
        #expect(said.problems.count == 1)
        #expect(
            read(["LISTEN_PID": "4711", "LISTEN_FDS": "18446744073709551615"]).names.count == ManagerEnvironment.maximum
        )
    }

    @Test func aNameThatIsNoneIsUnknown() {
        for name in ["a\u{1F}b", "ä", String(repeating: "x", count: 256), "\t"] {
            let said = read(["LISTEN_PID": "4711", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "\(name):control"])
            #expect(said.names == ["unknown", "control"] && said.problems.count == 1, "\(said)")
        }
    }

    @Test func aNameMayHaveSpaces() {
        let said = read(["LISTEN_PID": "4711", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "a b:control"])
        #expect(said.names == ["a b", "control"] && said.problems == [], "\(said)")
    }

    @Test func howManyDescriptorsAreKeptIsBounded() {
        #expect(read([:]).storedDescriptors == 0)
        #expect(read(["FDSTORE": "512"]).storedDescriptors == 512)
        #expect(read(["FDSTORE": "4294967295"]).storedDescriptors == ManagerEnvironment.maximum)
        for text in ["", "-1", "x", " 3"] {
            let said = read(["FDSTORE": text])
            #expect(said.storedDescriptors == 0 && said.problems.count == 1, "\(said)")
        }
    }

    /// Whatever is said: there are as many names as descriptors, each can be one, and what is not heeded is told.
    @Test(arguments: 0..<20)
    func anyEnvironmentIsReadWithoutTrust(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let words = [
            "4711", "1", "3", "0", "-1", "", ":", "::", "control", "http:x", "é", "\u{1}", "99999999999",
            "18446744073709551615",
        ]
        for _ in 0..<500 {
            var variables: [String: String] = [:]
            for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_USEC", "WATCHDOG_PID"]
            where random.next() % 5 > 0 {
                let count = Int(random.next() % 4)
                variables[name] =
                    name.hasSuffix("PID") && random.next() % 2 == 0
                    ? "4711" : (0..<count).map { _ in words[Int(random.next() % UInt64(words.count))] }.joined()
            }
            let said = read(variables)
            let isMine = variables["LISTEN_PID"] == "4711"
            let count = variables["LISTEN_FDS"].flatMap(UInt64.init) ?? 0
            if !isMine { #expect(said.names == [], "\(variables)") }
            if isMine, variables["LISTEN_FDS"] == "\(count)" {
                #expect(said.names.count == Int(min(count, UInt64(ManagerEnvironment.maximum))), "\(variables)")
            }
            for name in said.names {
                #expect((1...255).contains(name.utf8.count) && !name.contains(":") && name.allSatisfy(\.isASCII))
            }
            if let watchdog = said.watchdog {
                #expect(watchdog > .zero && variables["WATCHDOG_PID"].map { $0 == "4711" } != false)
            }
            if isMine, let text = variables["LISTEN_FDS"], UInt64(text) == nil {
                #expect(!said.problems.isEmpty, "\(variables)")
            }
        }
    }
}
