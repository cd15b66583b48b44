import SupdConfiguration
import Testing

/// Programs that are not there.
@Suite struct ProgramCheckTests {
    private func warnings(_ command: String, _ lines: String = "", programs: Set<String>?) throws -> [String] {
        var sources = Load.sources([Load.path: "[service.web]\nexec_start = \(command)\n\(lines)\n"])
        sources.programs = programs
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        return configuration.warnings.map { String($0.description.dropFirst(Load.path.count + 1)) }
    }

    @Test func aFileThatIsNotThereIsWarnedOf() throws {
        let warning = "2:14: warning: there is no file /opt/web that can be executed, so 'web' cannot be started: "
        #expect(try warnings("\"/opt/web --fast\"", programs: []) == [warning + "install it, or correct its name"])
        #expect(try warnings("\"/opt/web\"", programs: ["/opt/web"]).isEmpty)
        #expect(try warnings("\"/opt/web\"", programs: nil).isEmpty)
    }

    @Test func oneThatIsInNoFolderOfThePathIsWarnedOf() throws {
        let warning = try warnings("[\"web\"]", programs: ["/opt/web"]).first
        #expect(
            warning?.contains(
                "there is no program 'web' in /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin, so 'web' ")
                == true,
            "\(warning ?? "")")
        #expect(try warnings("[\"web\"]", programs: ["/sbin/web"]).isEmpty)
        let path = "environment = { PATH = \"/opt:bin\" }\nworking_directory = \"/srv\""
        #expect(try warnings("\"web\"", path, programs: ["/usr/bin/web"]).first?.contains("'web' in /opt:bin") == true)
        #expect(try warnings("\"web\"", path, programs: ["/opt/web"]).isEmpty)
        #expect(try warnings("\"web\"", path, programs: ["/srv/bin/web"]).isEmpty)
        #expect(
            try warnings("\"web\"", "environment = { PATH = \"\" }", programs: []).first?.contains("has no folder")
                == true)
    }

    @Test func aRelativeFileIsInTheWorkingDirectory() throws {
        let folder = "working_directory = \"/srv/web\""
        #expect(try warnings("\"bin/web\"", folder, programs: ["/srv/web/bin/web"]).isEmpty)
        #expect(try warnings("\"bin/web\"", programs: ["/bin/web"]).isEmpty)
        let warning = try warnings("\"bin/web\"", folder, programs: ["/bin/web"]).first
        #expect(warning?.contains("there is no file /srv/web/bin/web that") == true, "\(warning ?? "")")
    }

    @Test(arguments: [
        ("\"/opt/%n\"", ""), ("\"$PROGRAM\"", "environment = { PROGRAM = \"web\" }"),
        ("\"/opt/${VERSION}/web\"", "environment = { VERSION = \"1\" }"),
        ("\"bin/web\"", "working_directory = \"/srv/%n\""), ("\"web\"", "environment = { PATH = \"/opt/%n\" }"),
        ("\"web\"", "environment_files = \"/etc/default/web\""), ("\"web\"", "pass_environment = \"PATH\""),
        ("\"web\"", "pass_environment = [\"LANG\", \"P*\"]"),
    ])
    func whatIsKnownOnlyAtAStartIsNotWarnedOf(command: String, lines: String) throws {
        #expect(try warnings(command, lines, programs: []).isEmpty)
    }

    @Test func thoseOfCommandsAreLookedForToo() throws {
        let found = try warnings(
            "\"/opt/web\"",
            """
            exec_start_pre = [["-/opt/absent"], ["/opt/pre"]]
            exec_reload = ["reload", "-HUP", "$MAINPID"]
            exec_stop = "/opt/stop"
            exec_stop_post = { command = "/opt/post", ignore_failure = true }
            """, programs: ["/opt/web"])
        #expect(
            found == [
                "3:18: warning: there is no file /opt/pre that can be executed, so 'web' cannot be started: "
                    + "install it, or correct its name",
                "4:15: warning: there is no program 'reload' in /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin, "
                    + "so 'exec_reload' of 'web' fails: install it, or correct its name",
                "5:13: warning: there is no file /opt/stop that can be executed, so 'exec_stop' of 'web' fails: "
                    + "install it, or correct its name",
            ])
    }

    @Test func oneProgramIsWarnedOfOnce() throws {
        var text = ""
        for name in ["a", "b", "c"] { text += "[service.\(name)]\nexec_start = \"/opt/web\"\n" }
        var sources = Load.sources([Load.path: text])
        sources.programs = []
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        #expect(configuration.warnings.map(\.line) == [2])
    }
}
