import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct FileStampTests {
    /// A folder with a configuration of three files.
    private final class Folder {
        let path: String
        private static let names = ["supd.toml", "more.toml", "d/a.toml", "d/b.toml", "d/b.swp", "new"]

        init() throws {
            var template = Array("/tmp/supd-stamps-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw ErrorNumber(errno) }
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            mkdir("\(path)/d", 0o755)
            try write("supd.toml", "include = [\"more.toml\", \"d/*.toml\"]\n[service.a]\nexec_start = \"/bin/a\"\n")
            try write("more.toml", "[service.b]\nexec_start = \"/bin/b\"\n")
            try write("d/a.toml", "[service.c]\nexec_start = \"/bin/c\"\n")
        }

        deinit {
            for name in Self.names { unlink("\(path)/\(name)") }
            rmdir("\(path)/d")
            rmdir(path)
        }

        var main: String { "\(path)/supd.toml" }

        func write(_ name: String, _ text: String) throws {
            guard let file = fopen("\(path)/\(name)", "w") else { throw ErrorNumber(errno) }
            fputs(text, file)
            fclose(file)
        }

        /// Sets when a file was changed, so that no test depends on the file system's clock.
        func date(_ name: String, nanoseconds: Int) {
            var times = [timespec(tv_sec: 1_000, tv_nsec: nanoseconds), timespec(tv_sec: 1_000, tv_nsec: nanoseconds)]
            utimensat(AT_FDCWD, "\(path)/\(name)", &times, 0)
        }
    }

    private let loader = ConfigurationLoader(plugins: Load.plugins, sources: SystemSources())

    @Test func everyFileAndPatternThatWasReadIsStamped() throws {
        let folder = try Folder()
        let configuration = try loader.load(path: folder.main).get()
        let expected = ["supd.toml", "more.toml", "d/*.toml", "d/a.toml"].map { "\(folder.path)/\($0)" }
        #expect(configuration.files.map(\.path) == expected)
        #expect(configuration.compacted().files == configuration.files)
        #expect(loader.changes(since: configuration.files) == [])
        var status = stat()
        stat(folder.main, &status)
        guard case .file(_, let version) = configuration.files[0] else {
            Issue.record("\(configuration.files)")
            return
        }
        #expect(version.inode == UInt64(status.st_ino) && version.device == UInt64(status.st_dev))
        #expect(version.size == Int64(status.st_size))
    }

    @Test func aChangeOfWhateverWasReadIsSeen() throws {
        let folder = try Folder()
        for name in ["supd.toml", "more.toml", "d/a.toml"] { folder.date(name, nanoseconds: 1) }
        let files = try loader.load(path: folder.main).get().files
        #expect(loader.changes(since: files) == [])
        // By a nanosecond.
        folder.date("d/a.toml", nanoseconds: 2)
        #expect(loader.changes(since: files) == ["\(folder.path)/d/a.toml"])
        folder.date("d/a.toml", nanoseconds: 1)
        #expect(loader.changes(since: files) == [])
        // Another file in its place, of the same size and time.
        try folder.write("new", "[service.x]\nexec_start = \"/bin/x\"\n")
        folder.date("new", nanoseconds: 1)
        rename("\(folder.path)/new", "\(folder.path)/more.toml")
        #expect(loader.changes(since: files) == ["\(folder.path)/more.toml"])
        unlink(folder.main)
        #expect(loader.changes(since: files) == [folder.main, "\(folder.path)/more.toml"])
    }

    @Test func aFileThatComesOrGoesIsSeenByThePatternAndOthersAreNot() throws {
        let folder = try Folder()
        let files = try loader.load(path: folder.main).get().files
        try folder.write("d/b.swp", "")
        #expect(loader.changes(since: files) == [])
        try folder.write("d/b.toml", "")
        #expect(loader.changes(since: files) == ["\(folder.path)/d/*.toml"])
        unlink("\(folder.path)/d/b.toml")
        unlink("\(folder.path)/d/a.toml")
        #expect(loader.changes(since: files) == ["\(folder.path)/d/*.toml", "\(folder.path)/d/a.toml"])
    }

    @Test func aPipeHasNoStamp() throws {
        let folder = try Folder()
        let ends = UnsafeMutablePointer<Int32>.allocate(capacity: 2)
        defer { ends.deallocate() }
        try #require(pipe(ends) == 0)
        defer { close(ends[0]) }
        let text = "include = \"\(folder.path)/more.toml\"\n"
        _ = text.withCString { write(ends[1], $0, strlen($0)) }
        close(ends[1])
        let configuration = try loader.load(path: "/proc/self/fd/\(ends[0])").get()
        #expect(configuration.files.map(\.path) == ["\(folder.path)/more.toml"])
    }

    @Test func aWorldInMemoryTellsItsChangesToo() throws {
        var sources = Load.sources([Load.path: "[service.a]\nexec_start = \"a\"\n"])
        let files = try ConfigurationLoader(plugins: Load.plugins, sources: sources).load(path: Load.path).get().files
        #expect(ConfigurationLoader(plugins: Load.plugins, sources: sources).changes(since: files) == [])
        sources.files[Load.path]?.append(10)
        #expect(ConfigurationLoader(plugins: Load.plugins, sources: sources).changes(since: files) == [Load.path])
    }
}
