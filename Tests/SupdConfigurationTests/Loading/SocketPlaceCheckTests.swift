import Glibc
import SupdConfiguration
import Testing

/// Sockets of paths at which none can be made.
@Suite struct SocketPlaceCheckTests {
    private func warnings(
        _ listen: String..., supervisor: String = "", folders: Set<String>? = ["/run"]
    ) throws -> [String] {
        let sockets = listen.enumerated().map { "{ name = \"s\($0)\", listen = \"\($1)\" }" }.joined(separator: ", ")
        let text = "[service.web]\nexec_start = \"/opt/web\"\nsockets = [\(sockets)]\n\(supervisor)\n"
        var sources = Load.sources([Load.path: text, "/run/file": ""])
        sources.folders = folders
        sources.standardSocket = "/run/supd/control.sock"
        let configuration = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get()
        return configuration.warnings.map { String($0.description.dropFirst(Load.path.count + 1)) }
    }

    @Test func aFolderThatIsNotThereIsWarnedOfOnce() throws {
        let warning =
            "3:12: warning: there is no folder /nowhere, so 'web' cannot be started unless systemd hands the socket over: "
            + "make it, or correct 'listen'"
        #expect(try warnings("/nowhere/a.sock", "/nowhere/b.sock") == [warning])
        #expect(try warnings("/run/a.sock", "@nowhere", "127.0.0.1:80").isEmpty)
        #expect(try warnings("/nowhere/a.sock", folders: nil).isEmpty)
    }

    @Test(arguments: ["/run/file", "/run"])
    func whatIsInItsPlaceIsWarnedOf(path: String) throws {
        let warning =
            "3:12: warning: what is at \(path) is no socket, and is not removed to make place for one, so 'web' cannot be "
            + "started unless systemd hands the socket over: remove it, or correct 'listen'"
        #expect(try warnings(path, folders: ["/", "/run"]) == [warning])
    }

    @Test func theFolderOfItsOwnSocketIsMadeBySupd() throws {
        #expect(try warnings("/run/supd/web.sock").isEmpty)
        let supervisor = "[supervisor]\nsocket = \"/run/other/supd.sock\""
        #expect(try warnings("/run/other/web.sock", supervisor: supervisor).isEmpty)
        #expect(try warnings("/run/supd/web.sock", supervisor: supervisor).count == 1)
        #expect(try warnings("/run/supd/web.sock", supervisor: "[supervisor]\nsocket = \"none\"").count == 1)
    }

    @Test func itsOwnSocketIsLookedAtToo() throws {
        let place = "5:10: warning: "
        let end = "so supd cannot be started unless --socket names another: "
        let deep = try warnings("/run/a", supervisor: "[supervisor]\nsocket = \"/nowhere/supd/control.sock\"")
        #expect(deep == [place + "there is no folder /nowhere, " + end + "make it, or correct 'socket'"])
        let file = try warnings("/run/a", supervisor: "[supervisor]\nsocket = \"/run/file\"")
        #expect(file.count == 1 && file[0].hasPrefix(place + "what is at /run/file is no socket, "), "\(file)")
        let below = try warnings("/run/a", supervisor: "[supervisor]\nsocket = \"/run/file/control.sock\"")
        #expect(below.count == 1 && below[0].hasPrefix(place + "what is at /run/file is no socket, "), "\(below)")
    }

    @Test func theMachineIsLookedAtAndNotItsLinks() throws {
        var template = Array("/tmp/supd-test-XXXXXX".utf8CString)
        let folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { rmdir(folder) }
        #expect(symlink("/nowhere", "\(folder)/link") == 0)
        defer { unlink("\(folder)/link") }
        let sources = SystemSources(looksAround: true)
        #expect(sources.isInTheWay(folder) == true && sources.isInTheWay("\(folder)/link") == true)
        #expect(sources.isInTheWay("\(folder)/none") == false && sources.isInTheWay("/etc/passwd/x") == false)
        #expect(SystemSources().isInTheWay(folder) == nil)
    }
}
