import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

/// Files and folders that supd's user may not use.
@Suite struct ReachCheckTests {
    private func warnings(_ lines: String, looks: Bool = true) throws -> [String] {
        var sources = Load.sources([Load.path: "[service.web]\nexec_start = \"/opt/web\"\n\(lines)\n"])
        sources.users.append(UserRecord(name: "anna", uid: 1000, gid: 1000, home: "/home/anna", shell: "/bin/sh"))
        sources.groups["anna"] = 1000
        sources.ownCredentials = Credentials(uid: 1000, gid: 1000, groups: [1000])
        for path in ["/opt/web", "/etc/web.env", "/srv/web", "/var/log/web.log", "/run/web.sock"] {
            sources.forbidden[path] = ErrorNumber(EACCES)
        }
        if looks { sources.privileges = Privileges() }
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        return configuration.warnings.map { String($0.description.dropFirst(Load.path.count + 1)) }
    }

    private static let program =
        "2:14: warning: uid 1000, who checks this, may not execute the program /opt/web, EACCES"

    @Test(arguments: [
        (
            #"environment_files = ["/etc/web.env"]"#,
            "3:21: warning: uid 1000, who checks this, may not read the environment file"
        ),
        (
            #"working_directory = "/srv/web""#,
            "3:21: warning: uid 1000, who checks this, may not enter the folder /srv/web"
        ),
        (
            #"log = { sink = "file", file = "/var/log/%n.log" }"#,
            "3:31: warning: uid 1000, who checks this, may not write the log file /var/log/web.log"
        ),
        (#"sockets = { listen = "/run/web.sock" }"#, "may not make the socket /run/web.sock"),
    ])
    func whatCannotBeReachedIsWarnedOf(line: String, warning: String) throws {
        let told = try warnings(line).filter { !$0.hasPrefix(Self.program) }
        #expect(told.count == 1 && told[0].contains(warning), "\(told)")
        #expect(try warnings(line, looks: false) == [])
    }

    @Test func aProgramIsOfWhomItIsRunAs() throws {
        let told = try warnings("")
        #expect(told.count == 1 && told[0].hasPrefix(Self.program), "\(told)")
        #expect(try warnings(#"user = "anna""#).count == 1)
        #expect(try warnings(#"user = "root""#) == [])
    }

    /// In another's folder, as whom nothing is refused to.
    @Test func theKernelIsAskedForTheEffectiveUser() throws {
        let sources = SystemSources(looksAround: true)
        for (use, path) in [
            (FileUse.read, "/etc/passwd"), (.execute, "/bin/sh"), (.enter, "/"), (.write, "/dev/null"),
            (.write, "/tmp/nothing"),
            (.make, "/tmp/nothing"), (.read, "/nowhere/a"), (.make, "/nowhere/a"), (.write, "/nowhere/a"),
        ] {
            #expect(sources.refusal(of: use, at: path) == nil, "\(use) \(path)")
        }
        // Root executes nothing that nobody may.
        #expect(sources.refusal(of: .execute, at: "/etc/passwd") == ErrorNumber(EACCES))
        #expect(SystemSources().refusal(of: .execute, at: "/etc/passwd") == nil)
    }
}
