import SupdConfiguration
import Testing

/// What an ordinary user's supd cannot do.
@Suite struct PrivilegeCheckTests {
    /// Those of a user as most are, in a unit of `systemctl --user`.
    private static var plain: Privileges {
        var privileges = Privileges()
        privileges.lacking = Set(Privileges.Identifying.allCases)
        privileges.lowestNice = 0
        privileges.lowestOOMScore = 100
        privileges.hardLimits = [7: 4096]
        privileges.lowestPort = 1024
        privileges.controllers = ["cpu", "pids"]
        return privileges
    }

    private func warnings(_ lines: String, _ privileges: Privileges? = plain, uid: UInt32 = 1000) throws -> [String] {
        var sources = Load.sources([Load.path: "[service.web]\nexec_start = \"/opt/web\"\n\(lines)\n"])
        sources.users.append(UserRecord(name: "anna", uid: 1000, gid: 1000, home: "/home/anna", shell: "/bin/sh"))
        sources.groups["anna"] = 1000
        sources.groups["audio"] = 29
        sources.groups["disk"] = 6
        sources.ownCredentials = Credentials(uid: uid, gid: 1000, groups: [29, 1000])
        sources.privileges = privileges
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        return configuration.warnings.map { String($0.description.dropFirst(Load.path.count + 1)) }
    }

    @Test(arguments: [
        ("user = \"root\"", "3:8: warning: 'user' is not supd's own, and uid 1000, who checks this"),
        ("group = \"disk\"", "3:9: warning: 'group' is not supd's own"),
        ("supplementary_groups = [\"disk\"]", "3:24: warning: 'supplementary_groups' is not supd's own"),
        ("nice = -5", "3:8: warning: 'nice' is -5, under 0, and"),
        ("oom_score_adjust = -500", "3:20: warning: 'oom_score_adjust' is -500, under 100, and"),
        ("limits = { nofile = 8192 }", "3:10: warning: 'limits.nofile' has a hard limit above supd's own of 4096"),
        ("resources = { memory_max = \"1G\" }", "3:13: warning: 'resources.memory_max' takes the controller 'memory'"),
        (
            "log = { sink = \"file\", file = \"/tmp/x\", owner = \"root\" }",
            "3:7: warning: 'log.owner' is not supd's own"
        ),
    ])
    func whatTakesRootIsWarnedOf(line: String, warning: String) throws {
        let told = try warnings(line)
        #expect(told.count == 1 && told[0].contains(warning), "\(told)")
        #expect(try warnings(line, Privileges()) == [])
        #expect(try warnings(line, nil) == [])
    }

    @Test func rootIsToldWhatTheKernelHasNot() throws {
        var privileges = Privileges()
        privileges.controllers = ["hugetlb"]
        let told = try warnings("resources = { memory_max = \"1G\" }", privileges, uid: 0)
        let warning =
            "'resources.memory_max' takes the controller 'memory', which version 2 of control groups does not have here"
        #expect(told.count == 1 && told[0].contains(warning), "\(told)")
    }

    /// As in a container that has dropped it.
    @Test(arguments: [
        ("user = \"anna\"", Privileges.Identifying.setuid), ("user = \"anna\"", .setgid), ("group = \"disk\"", .setgid),
        ("supplementary_groups = [\"disk\"]", .setgid),
        ("log = { sink = \"file\", file = \"/x\", owner = \"anna\" }", .chown),
    ])
    func rootIsToldWhatWasTakenFromIt(line: String, capability: Privileges.Identifying) throws {
        var privileges = Privileges()
        privileges.lacking = [capability]
        let told = try warnings(line, privileges, uid: 0)
        #expect(
            told.count == 1 && told[0].hasSuffix("or let supd have \(capability.rawValue), which root lacks here"),
            "\(told)")
        privileges.lacking = Set(Privileges.Identifying.allCases).subtracting([capability])
        if capability != .setuid, !line.contains("user") { #expect(try warnings(line, privileges, uid: 0) == []) }
    }

    @Test func aLowPortIsWarnedOfWhereItStands() throws {
        let told = try warnings(
            "sockets = [{ name = \"a\", listen = \"127.0.0.1:1024\" }, { name = \"b\", listen = \"127.0.0.1:80\" }]")
        #expect(told.count == 1 && told[0].contains("the socket 'b' of 'web' has the port 80, and uid 1000"), "\(told)")
    }

    @Test(arguments: [
        "user = \"anna\"", "group = \"anna\"", "supplementary_groups = [\"audio\"]", "nice = 5",
        "oom_score_adjust = 200",
        "limits = { nofile = 4096 }", "resources = { pids_max = 10 }", "log = { sink = \"file\", file = \"/tmp/x\" }",
    ])
    func whatTakesNoneIsNot(line: String) throws {
        #expect(try warnings(line) == [])
    }
}
