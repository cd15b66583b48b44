import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct DependencyTests {
    /// One service a line: `a: requires = "b"`.
    private func faults(_ lines: String...) -> [String] {
        Load.faults(
            lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return "[service.\(parts[0])]\nexec_start = \"x\"\n\(parts.count > 1 ? parts[1] : "")\n"
            }.joined())
    }

    @Test func aChainInAnyOrderIsFine() throws {
        #expect(faults("a: requires = \"b\"", "b: wants = [\"c\"]", "c", "d: before = [\"a\", \"b\"]") == [])
        #expect(faults("a: requires = \"b\"\nafter = \"b\"\nwants = [\"b\", \"b\"]", "b: before = \"a\"") == [])
    }

    @Test func whatIsBoundIsOrderedAndWhatIsAPartIsNot() {
        #expect(
            faults("a: binds_to = \"b\"", "b: after = \"a\"") == [
                "6:10: these services wait for each other: a → b → a; take one of the references out"
            ])
        #expect(faults("a: part_of = \"b\"", "b: part_of = \"a\"\nafter = \"a\"") == [])
    }

    @Test(arguments: ["binds_to", "part_of"])
    func theseNamesAreFollowedToo(key: String) throws {
        #expect(
            faults("web: \(key) = [\"databse\", \"web\"]", "database").map { String($0.drop { $0 != ":" }.dropFirst()) }
                == [
                    "\(key.count + 6): '\(key)' names the service 'databse', which there is not; did you mean 'database'?",
                    "\(key.count + 17): '\(key)' of 'web' names the service itself",
                ])
        let configuration = try Load.good(
            "[service.a]\nexec_start = \"a\"\n\(key) = [\"b\", \"b\"]\n[service.b]\nexec_start = \"b\"\n")
        let service = try #require(configuration.services.first)
        #expect((service.bindsTo + service.partOf).map(\.rawValue) == ["b"])
        #expect(service.bindsTo.isEmpty == (key == "part_of"))
    }

    @Test func aNameThatIsNoServiceIsTold() {
        #expect(
            faults("web: requires = [\"databse\"]", "database") == [
                "3:14: 'requires' names the service 'databse', which there is not; did you mean 'database'?"
            ])
        #expect(faults("web: after = [\"x\", \"y\"]").count == 2)
    }

    @Test func whatIsDefinedTwiceHidesNoUnknownName() {
        let unknown = "3:13: 'requires' names the service 'nope', which there is not"
        #expect(
            faults("web: requires = \"nope\"\nnice = 1\nnice = 2", "db") == [
                unknown, "5:1: the key 'nice' is already set at line 4",
            ])
        #expect(
            faults("web: requires = \"nope\"", "db", "db") == [
                unknown, "7:10: the table 'service.db' is already defined at line 4",
            ])
        // A name that was lost may be the one.
        #expect(faults("web: requires = \"nope\"\nnice = x").count == 1)
        #expect(faults("web: requires = \"nope\"", "db:nice = 1\n[service.db.nice]").count == 1)
    }

    @Test func afterTheLastErrorThatIsReadNoNameIsCalledUnknown() {
        let text =
            "[service.web]\nexec_start = \"x\"\nrequires = \"late\"\n" + String(repeating: "nice = 1\n", count: 101)
        let faults = Load.faults(text + "[service.late]\nexec_start = \"x\"\n")
        #expect(!faults.contains { $0.contains("which there is not") }, "\(faults)")
    }

    @Test func aBadItemHidesNoUnknownName() {
        #expect(
            faults("web: requires = [\"nope\", 3]") == [
                "3:14: 'requires' names the service 'nope', which there is not",
                "3:22: item 2 of 'requires' must be the name of a service, found the number 3: put it into quotation marks",
            ])
    }

    @Test func aServiceCannotNameItself() {
        #expect(faults("web: after = \"web\"") == ["3:10: 'after' of 'web' names the service itself"])
    }

    @Test func anInstanceCannotBeNamed() {
        #expect(
            faults("web: after = \"db@1\"", "db") == [
                "3:10: 'after' must be the name of a service, found \"db@1\": name the service, which means all of its instances"
            ])
    }

    @Test func aCycleIsPrintedWhereItCloses() {
        #expect(
            faults("a: requires = \"b\"", "b: after = \"c\"", "c: wants = \"a\"") == [
                "9:10: these services wait for each other: a → b → c → a; take one of the references out"
            ])
    }

    @Test func beforeIsAfterTheOtherWayRound() {
        #expect(
            faults("a: before = \"b\"", "b: before = \"a\"") == [
                "3:11: these services wait for each other: a → b → a; take one of the references out"
            ])
        #expect(faults("a: requires = \"b\"\nbefore = \"b\"", "b").count == 1)
    }

    @Test func everyCycleIsTold() {
        #expect(
            faults("a: after = \"b\"", "b: after = \"a\"", "c: after = \"d\"", "d: after = \"c\"").count == 2)
        #expect(faults("a: after = [\"b\", \"c\"]", "b: after = \"a\"", "c: after = \"a\"").count == 2)
    }

    @Test func aChainOfThousandsNeedsNoStack() {
        let count = 5_000
        var lines = (1...count).map { "[service.s\($0)]\nexec_start = \"x\"\nafter = \"s\($0 + 1)\"\n" }
        lines.append("[service.s\(count + 1)]\nexec_start = \"x\"\n")
        #expect(Load.faults(lines.joined()) == [])
        lines[count] = "[service.s\(count + 1)]\nexec_start = \"x\"\nafter = \"s1\"\n"
        let faults = Load.faults(lines.joined())
        #expect(faults.count == 1 && faults[0].contains("s1 → s2 → ") && faults[0].contains(" … "))
    }
}
