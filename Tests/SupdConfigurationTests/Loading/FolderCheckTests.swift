import SupdConfiguration
import Testing

/// A `working_directory` that is not there.
@Suite struct FolderCheckTests {
    private func warnings(_ lines: String, folders: Set<String>?) throws -> [String] {
        var sources = Load.sources([Load.path: "\(lines)\n"])
        sources.folders = folders
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        return configuration.warnings.map { String($0.description.dropFirst(Load.path.count + 1)) }
    }

    private static let web = "[service.web]\nexec_start = \"/opt/web\"\nworking_directory = "

    @Test func aFolderThatIsNotThereIsWarnedOf() throws {
        let warning =
            "3:21: warning: there is no folder /srv/web, so 'web' cannot be started: make it, or correct 'working_directory'"
        #expect(try warnings(Self.web + "\"/srv/web\"", folders: []) == [warning])
        #expect(try warnings(Self.web + "\"/srv/web\"", folders: ["/srv/web"]).isEmpty)
        #expect(try warnings(Self.web + "\"/srv/web\"", folders: nil).isEmpty)
    }

    @Test func whatIsKnownOnlyAtAStartIsNotWarnedOf() throws {
        #expect(try warnings(Self.web + "\"/srv/%n\"", folders: []).isEmpty)
    }

    @Test func oneFolderIsWarnedOfOnceWhereItIsSaid() throws {
        let services = ["a", "b"].map { "[service.\($0)]\nexec_start = \"/opt/web\"\n" }.joined()
        let found = try warnings("[defaults]\nworking_directory = \"/srv/web\"\n" + services, folders: [])
        #expect(found.count == 1 && found.first?.hasPrefix("2:21: warning: ") == true, "\(found)")
    }
}
