import SupdConfiguration
import SupdPlugin
import Testing

/// `log.file` and what comes with it.
@Suite struct LogFileTests {
    private func log(_ more: String, _ lines: String = "") throws -> LogConfiguration {
        try Load.service("log = { sink = \"file\", file = \"/var/log/a\"\(more) }\n\(lines)").conduct.log
    }

    private func fault(_ more: String) throws -> String {
        try Load.fault("log = { sink = \"file\", file = \"/var/log/a\"\(more) }")
    }

    private func warnings(_ file: String, folders: Set<String>? = nil, instances: Int = 1) throws -> [String] {
        let text = """
            [service.web]
            exec_start = "/bin/web"
            instances = \(instances)
            log = { sink = "file", file = "\(file)" }

            """
        var sources = Load.sources([Load.path: text])
        sources.folders = folders
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        return configuration.warnings.map(\.message)
    }

    @Test func aFileIsTheServicesUsersUnlessItsOwnerIsSaid() throws {
        #expect(try log("").owner == nil)
        #expect(try log("").mode == 0o640)
        #expect(try log("", "user = \"www-data\"").owner == .init(uid: 33, gid: 33))
        #expect(try log("", "user = \"www-data\"\ngroup = \"adm\"").owner == .init(uid: 33, gid: 4))
        #expect(try log(", owner = \"jo\"", "user = \"www-data\"").owner == .init(uid: 1000, gid: 1000))
        #expect(try log(", owner = \"root:adm\"", "user = \"www-data\"").owner == .init(uid: 0, gid: 4))
        #expect(try log(", owner = \"12345:6789\"").owner == .init(uid: 12345, gid: 6789))
        #expect(try log(", owner = 1000").owner == .init(uid: 1000, gid: 1000))
        #expect(try log(", mode = \"0604\"").mode == 0o604)
        #expect(try log(", mode = 0o600").mode == 0o600)
    }

    @Test func anOwnerThatIsNoneIsRefused() throws {
        #expect(
            try fault(", owner = \"nobody-here\"").contains("'log.owner' names no user there is, 'nobody-here'"))
        #expect(try fault(", owner = \"jo:nobodies\"").contains("there is no group 'nobodies'"))
        #expect(try fault(", owner = 12345").contains("must be \"12345:GROUP\""))
        for owner in ["\"\"", "\":adm\"", "\"jo:\"", "\"a:b:c\"", "true", "\"4294967295\""] {
            #expect(
                try fault(", owner = \(owner)").contains("'log.owner' must be a user, or \"USER:GROUP\""), "\(owner)")
        }
        #expect(try fault(", mode = \"rw\"").contains("'log.mode' must be an octal mode"))
    }

    @Test func zeroStandsForNoRotation() throws {
        #expect(try log(", rotate_size = 0").rotateSize == 0)
        #expect(try fault(", rotate_size = 4095").contains("must be 0, or from 4096 to"))
    }

    @Test func anotherSinkRefusesTheKeys() throws {
        for key in ["owner = \"jo\"", "mode = \"0600\""] {
            #expect(try Load.fault("log = { sink = \"stderr\", \(key) }").contains("is used only with sink = \"file\""))
        }
    }

    @Test func aFileThatStandsForAnotherSinkIsWarnedOf() throws {
        for (file, sink) in [
            ("/dev/stdout", "\"inherit\""), ("/proc/self/fd/1", "\"inherit\""), ("/dev/stderr", "\"stderr\""),
            ("/dev/fd/2", "\"stderr\""), ("/dev/null", "\"none\""), ("/dev//./stdout", "\"inherit\""),
        ] {
            let warnings = try warnings(file)
            #expect(
                warnings.count == 1 && warnings.first?.contains("did you mean sink = \(sink)") == true, "\(warnings)")
        }
    }

    /// They rotate nothing there: that another sink is meant is what is to be said.
    @Test func whatIsNeverRotatedMayBeShared() throws {
        for file in ["/dev/stdout", "/dev/null", "/dev/console", "/proc/1/fd/1"] {
            let log = "[defaults]\nlog = { sink = \"file\", file = \"\(file)\" }\n"
            let text = log + ["a", "b"].map { "[service.\($0)]\nexec_start = \"/bin/\($0)\"\n" }.joined()
            let isWarnedOf = try !Load.good(text).warnings.isEmpty
            #expect(isWarnedOf == ["/dev/stdout", "/dev/null"].contains(file), "\(file)")
        }
    }

    @Test func aFolderInItsPlaceIsWarnedOf() throws {
        #expect(
            try warnings("/var/log/web", folders: ["/var/log", "/var/log/web"]) == [
                "'log.file' is the folder /var/log/web: what 'web' writes is lost; name a file in it"
            ])
    }

    @Test func aFolderThatIsNotThereIsWarnedOf() throws {
        #expect(try warnings("/var/log/web/%i.log", folders: ["/var/log/web"], instances: 2).isEmpty)
        #expect(try warnings("/log", folders: []).isEmpty)
        #expect(try warnings("/var/log/web/%i.log").isEmpty)
        #expect(
            try warnings("/var/log/%n/%i.log", folders: ["/var/log"], instances: 2) == [
                "the folder of 'log.file' is not there, and supd does not make it: what 'web' writes is lost until there is a "
                    + "folder /var/log/web"
            ])
    }
}
