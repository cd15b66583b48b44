import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct IncludeTests {
    private func service(_ name: String) -> String { "[service.\(name)]\nexec_start = \"x\"\n" }

    @Test func patternsAreRelativeToTheirFileAndSorted() throws {
        let configuration = try Load.good(
            "include = [\"services.d/*.toml\", \"more.toml\"]\n\(service("main"))",
            [
                "/etc/supd/services.d/b.toml": service("b"), "/etc/supd/services.d/a.toml": service("a"),
                "/etc/supd/more.toml": "include = \"deep/*.toml\"\n\(service("more"))",
                "/etc/supd/deep/x.toml": service("x"), "/etc/supd/services.d/c.txt": "no",
            ])
        #expect(configuration.services.map(\.name.rawValue) == ["main", "a", "b", "more", "x"])
    }

    @Test func whereEachServiceStandsIsKnown() throws {
        let loaded = try Load.good(
            "include = \"services.d/*.toml\"\n\n\(service("main"))",
            [
                "/etc/supd/services.d/a.toml": "# a\n" + service("a") + service("a2"),
                "/etc/supd/services.d/b.toml": service("b"),
            ])
        for configuration in [loaded, loaded.compacted()] {
            let places = configuration.services.map { service in
                configuration.places[service.name].map { "\($0.file):\($0.line)" }
            }
            let folder = "/etc/supd/services.d"
            #expect(
                places == ["/etc/supd/supd.toml:3", "\(folder)/a.toml:2", "\(folder)/a.toml:4", "\(folder)/b.toml:1"])
            #expect(ServiceName("nobody").flatMap { configuration.places[$0] } == nil)
        }
    }

    @Test func aPatternMayFindNothingButAFileMustBeThere() {
        #expect(Load.faults("include = \"services.d/*.toml\"\n") == [])
        #expect(
            Load.faults("include = [\"none.toml\"]\n") == [
                "1:12: the included file '/etc/supd/none.toml' cannot be read: ENOENT (No such file or directory)"
            ])
    }

    @Test(arguments: [(nil, ""), ("--config", ", or name another with --config")])
    func theMainFileMustBeThere(option: String?, advice: String) {
        let loader = ConfigurationLoader(plugins: Load.plugins, sources: MemorySources(), fileOption: option)
        let result = loader.load(path: "supd.toml")
        guard case .failure(let faults) = result else {
            Issue.record("the load must fail")
            return
        }
        #expect(
            faults.description
                == "supd.toml: cannot be read: ENOENT (No such file or directory); make the file\(advice)"
        )
        #expect(faults.error?.name == "ENOENT")
    }

    @Test func aPipeThatNobodyWritesIsRefusedWithASentence() {
        var sources = MemorySources()
        sources.unreadable["pipe"] = ErrorNumber(ETIMEDOUT)
        let result = ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: "pipe")
        guard case .failure(let faults) = result else {
            Issue.record("the load must fail")
            return
        }
        #expect(
            faults.description
                == "pipe: cannot be read: ETIMEDOUT (Connection timed out); a pipe must be written, and closed by its writer, within a few seconds"
        )
    }

    @Test func filesThatIncludeEachOtherAreTold() {
        #expect(
            Load.faults(
                "include = \"a.toml\"\n",
                [
                    "/etc/supd/a.toml": "include = \"./b.toml\"\n",
                    "/etc/supd/./b.toml": "include = \"../supd/supd.toml\"\n",
                ]) == [
                    "/etc/supd/./b.toml:1:11: files include each other: /etc/supd/supd.toml → /etc/supd/a.toml → /etc/supd/b.toml → /etc/supd/supd.toml"
                ])
        #expect(Load.faults("include = \"supd.toml\"\n").count == 1)
        #expect(Load.faults("include = \"*.toml\"\n").count == 1)
    }

    @Test func aFileIncludedTwiceIsTold() {
        #expect(
            Load.faults("include = [\"a.toml\", \"*a.toml\"]\n", ["/etc/supd/a.toml": service("a")]) == [
                "1:22: the file '/etc/supd/a.toml' is included a second time, at /etc/supd/supd.toml:1:12"
            ])
    }

    @Test func includesGoEightDeep() {
        func files(_ count: Int) -> [String: String] {
            var files = ["/etc/supd/f\(count).toml": ""]
            for index in 1..<count { files["/etc/supd/f\(index).toml"] = "include = \"f\(index + 1).toml\"\n" }
            return files
        }
        #expect(Load.faults("include = \"f1.toml\"\n", files(8)) == [])
        #expect(
            Load.faults("include = \"f1.toml\"\n", files(9)) == [
                "/etc/supd/f8.toml:1:11: files are included more than 8 deep here"
            ])
    }

    @Test func thereAreAtMostAThousandFiles() {
        var files: [String: String] = [:]
        for index in 1...1005 { files["/etc/supd/d/\(index).toml"] = "" }
        #expect(Load.faults("include = \"d/*.toml\"\n", files) == ["1:11: more than 1000 files are included"])
    }

    @Test func aNameTwiceIsToldWithBothPlaces() {
        #expect(
            Load.faults("include = \"a.toml\"\n\(service("web"))", ["/etc/supd/a.toml": "\n\(service("web"))"]) == [
                "/etc/supd/a.toml:2:1: [service.web] is defined a second time; the first is at /etc/supd/supd.toml:2:1"
            ])
        for table in ["[supervisor]", "[defaults]"] {
            #expect(
                Load.faults("include = \"a.toml\"\n\(table)\n", ["/etc/supd/a.toml": "\(table)\n"]) == [
                    "/etc/supd/a.toml:1:1: \(table) is defined a second time; the first is at /etc/supd/supd.toml:2:1"
                ])
        }
    }

    @Test func aBadItemHidesNoOther() {
        #expect(
            Load.faults(
                "include = [\"a.toml\", 3, \"gone.toml\"]\n[service.web]\nexec_start = \"x\"\nrequires = \"nope\"\n",
                ["/etc/supd/a.toml": "[service.a]\nexec_start = \"x\"\nnise = 1\n"]) == [
                    "1:22: item 2 of 'include' must be a path or a pattern, found the number 3: put it into quotation marks",
                    "1:25: the included file '/etc/supd/gone.toml' cannot be read: ENOENT (No such file or directory)",
                    "/etc/supd/a.toml:3:1: unknown key 'nise' in [service.a]; did you mean 'nice'?",
                ])
        // What the bad item was meant to include may have the name.
        #expect(Load.faults("include = 3\n[service.web]\nexec_start = \"x\"\nrequires = \"nope\"\n").count == 1)
    }

    @Test func includeSetTwiceIsFollowedTwice() {
        #expect(
            Load.faults(
                "include = \"a.toml\"\ninclude = \"b.toml\"\n[service.web]\nexec_start = \"x\"\nrequires = [\"b\", \"c\"]\n",
                ["/etc/supd/a.toml": "", "/etc/supd/b.toml": "\(service("b"))nice = \"x\"\n"]) == [
                    "2:1: the key 'include' is already set at line 1",
                    "5:18: 'requires' names the service 'c', which there is not",
                    "/etc/supd/b.toml:3:8: 'nice' must be a whole number from -20 to 19, found the string \"x\"",
                ])
    }

    @Test func servicesOfDifferentFilesMayNameEachOther() throws {
        let configuration = try Load.good(
            "include = \"a.toml\"\n[service.web]\nexec_start = \"x\"\nrequires = \"db\"\n",
            ["/etc/supd/a.toml": "[service.db]\nexec_start = \"x\"\nbefore = [\"web\"]\n"])
        #expect(configuration.services.first?.requires.map(\.rawValue) == ["db"])
    }

    @Test func aNameThatMayBeInAnUnreadableFileIsNotCalledUnknown() {
        let faults = Load.faults(
            "include = \"a.toml\"\n[service.web]\nexec_start = \"x\"\nrequires = \"db\"\n",
            ["/etc/supd/a.toml": "[service.db\nexec_start = \"x\"\n"])
        #expect(faults.count == 1 && faults[0].hasPrefix("/etc/supd/a.toml:1:"), "\(faults)")
    }
}
