import SupdConfiguration
import Testing

/// What `supd check` says of the files of `environment_files`.
@Suite struct EnvironmentFileCheckTests {
    private func warnings(_ files: [String: String], _ lines: String, looks: Bool = true) throws -> [String] {
        let web = "[service.web]\nexec_start = \"/opt/web\"\n\(lines)\n"
        var sources = Load.sources(files.merging([Load.path: web]) { $1 })
        sources.hasEnvironmentFiles = looks
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        return configuration.warnings.map(\.description)
    }

    @Test func aFileThatIsNotThereIsWarnedOfWhereItIsNamed() throws {
        let told = try warnings([:], #"environment_files = ["/etc/web", "-/etc/maybe", "/etc/web"]"#)
        #expect(
            told == [
                "\(Load.path):3:21: warning: there is no environment file /etc/web, so 'web' cannot be started: make it, correct its name, "
                    + "or write \"-/etc/web\" where it may be absent"
            ])
        #expect(try warnings(["/etc/web": "A=1\n"], #"environment_files = "/etc/web""#) == [])
        #expect(try warnings([:], #"environment_files = "/etc/web""#, looks: false) == [])
    }

    @Test func eachOddLineIsWarnedOfWhereItStands() throws {
        let text = "A=1\nexport B=2\n# C=\n\n1D=x\nE=\"two\nlines\"\n"
        let told = try warnings(["/etc/web": text], #"environment_files = "-/etc/web""#)
        #expect(told.count == 2, "\(told)")
        for (line, warning) in zip([2, 5], told) {
            #expect(warning.hasPrefix("/etc/web:\(line):1: warning: the line is ignored: before '='"), "\(warning)")
        }
    }

    @Test func whatKeepsAServiceFromStartingSaysSo() throws {
        let told = try warnings(["/etc/web": "A=1\nB=\"open\n"], #"environment_files = "/etc/web""#)
        #expect(
            told == ["/etc/web:2:1: warning: a quotation mark is never closed, so 'web' cannot be started"], "\(told)")
    }
}
