import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct IdentityTests {
    private static let www = Identity(
        uid: 33, gid: 33, groups: [33, 113], userName: "www-data", home: "/var/www", shell: "/usr/sbin/nologin")

    @Test(arguments: ["\"www-data\"", "33", "\"33\""])
    func aUserIsItsEntryWithItsGroups(value: String) throws {
        #expect(try Load.service("user = \(value)").conduct.identity == Self.www)
    }

    @Test func anotherGroupTakesThePlaceOfThePrimaryOne() throws {
        let identity = try Load.service("user = \"jo\"\ngroup = \"video\"").conduct.identity
        #expect(
            identity
                == Identity(
                    uid: 1000, gid: 44, groups: [4, 44], userName: "jo", home: "/home/jo", shell: "/bin/bash"))
    }

    @Test func supplementaryGroupsAreAdded() throws {
        let identity = try Load.service("user = \"jo\"\nsupplementary_groups = [\"video\", 7, \"jo\"]").conduct.identity
        #expect(identity?.groups == [4, 7, 44, 1000] && identity?.gid == 1000)
    }

    @Test func aGroupAloneIsTheDaemonsOwnUserWithIt() throws {
        #expect(
            try Load.service("group = \"adm\"").conduct.identity
                == Identity(uid: 0, gid: 4, groups: [0, 4], userName: nil, home: nil, shell: nil))
    }

    @Test func anEmptyListOfGroupsAsksForNothing() throws {
        #expect(try Load.service("supplementary_groups = []").conduct.identity == nil)
    }

    @Test func anIdWithoutAnEntryNeedsItsGroup() throws {
        #expect(
            try Load.service("user = 4711\ngroup = 4712\nsupplementary_groups = 4").conduct.identity
                == Identity(uid: 4711, gid: 4712, groups: [4, 4712], userName: nil, home: nil, shell: nil))
        #expect(
            try Load.fault("user = 4711") == "3:8: there is no user of id 4711, so 'group' must say its group")
    }

    @Test func whoIsNotThereIsToldWithPlace() throws {
        #expect(
            try Load.fault("user = \"www-dat\"") == "3:8: there is no user 'www-dat': make it, or name another")
        #expect(
            try Load.fault("supplementary_groups = [\"adm\", \"no\"]")
                == "3:32: there is no group 'no': make it, or name another")
        #expect(
            Load.faults("[service.a]\nexec_start = \"a\"\nuser = \"x\"\ngroup = \"y\"\n") == [
                "3:8: there is no user 'x': make it, or name another",
                "4:9: there is no group 'y': make it, or name another",
            ])
    }

    @Test(arguments: ["4294967295", "-1", "4294967296", "\"\"", "\"99999999999\"", "true", "1.5"])
    func whatIsNoUserIsRefused(value: String) throws {
        #expect(
            try Load.fault("user = \(value)").hasPrefix("3:8: 'user' must be the name or the id of a user, found "))
    }

    @Test func aLookUpThatFailsIsNotTakenForNobody() throws {
        struct Broken: ConfigurationSources {
            let inner: MemorySources
            func read(_ path: String, limit: Int) -> Result<FileContents, ErrorNumber> {
                inner.read(path, limit: limit)
            }
            func version(of path: String) -> Result<FileVersion?, ErrorNumber> { inner.version(of: path) }
            func glob(_ pattern: String, in folder: String) -> Result<[String], ErrorNumber> { .success([]) }
            func user(named name: String) -> Result<UserRecord?, ErrorNumber> { .failure(ErrorNumber(5)) }
            func user(id: UInt32) -> Result<UserRecord?, ErrorNumber> { .failure(ErrorNumber(5)) }
            func group(named name: String) -> Result<UInt32?, ErrorNumber> { .failure(ErrorNumber(5)) }
            func groups(of user: String, primary: UInt32) -> Result<[UInt32], ErrorNumber> { .failure(ErrorNumber(5)) }
            func isFolder(_ path: String) -> Bool? { nil }
            func isInTheWay(_ path: String) -> Bool? { nil }
            var standardSocket: String? { nil }
            func isProgram(_ path: String) -> Bool? { nil }
            func environmentFile(_ path: String) -> Result<[UInt8], FileProblem>? { nil }
            func refusal(of use: FileUse, at path: String) -> ErrorNumber? { nil }
            var privileges: Privileges? { nil }
            var ownCredentials: Credentials { inner.ownCredentials }
        }
        let text = "[service.a]\nexec_start = \"a\"\nuser = \"jo\"\ngroup = \"adm\"\n"
        let loader = ConfigurationLoader(
            plugins: Load.plugins, sources: Broken(inner: Load.sources([Load.path: text])))
        guard case .failure(let faults) = loader.load(path: Load.path) else {
            Issue.record("the load must fail")
            return
        }
        #expect(
            faults.faults.map(\.message) == [
                "the user cannot be looked up: EIO (Input/output error)",
                "the group 'adm' cannot be looked up: EIO (Input/output error)",
            ])
    }
}
