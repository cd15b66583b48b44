import Foundation
import Glibc
import SupdConfiguration
import SupdPlugin
import Testing

@Suite struct SystemSourcesTests {
    /// A folder that is gone with the test.
    private final class Folder {
        let path: String

        init() throws {
            var template = Array("/tmp/supd-test [x]*-XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw ErrorNumber(errno) }
            path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }

        func write(_ name: String, _ text: String) throws {
            guard let file = fopen("\(path)/\(name)", "w") else { throw ErrorNumber(errno) }
            fputs(text, file)
            fclose(file)
        }

        deinit {
            for name in ["a.toml", "b.toml", ".hidden.toml", "c.txt"] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
    }

    private let sources = SystemSources()

    @Test func filesAreReadWholeOrRefused() throws {
        let folder = try Folder()
        try folder.write("a.toml", "x = 1\n")
        #expect(try sources.read("\(folder.path)/a.toml", limit: 6).get().bytes == Array("x = 1\n".utf8))
        #expect(sources.read("\(folder.path)/a.toml", limit: 5) == .failure(ErrorNumber(EFBIG)))
        #expect(sources.read("\(folder.path)/none", limit: 5) == .failure(ErrorNumber(ENOENT)))
        #expect(sources.read(folder.path, limit: 5) == .failure(ErrorNumber(EISDIR)))
        #expect(sources.read("/dev/zero", limit: 1 << 20) == .failure(ErrorNumber(EFBIG)))
    }

    @Test func aPipeKeepsNobodyWaiting() throws {
        let folder = try Folder()
        let path = "\(folder.path)/a.toml"
        try #require(mkfifo(path, 0o600) == 0)
        let sources = SystemSources(patience: .milliseconds(5))
        // Nobody has its other end, or somebody has and writes nothing: given up.
        #expect(sources.read(path, limit: 100) == .failure(ErrorNumber(ETIMEDOUT)))
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        defer { close(descriptor) }
        #expect(sources.read(path, limit: 100) == .failure(ErrorNumber(ETIMEDOUT)))
    }

    @Test func aPipeThatIsWrittenLaterIsReadToItsEnd() throws {
        let folder = try Folder()
        let path = "\(folder.path)/a.toml"
        try #require(mkfifo(path, 0o600) == 0)
        // Opening it to write waits for the reader, so that it is never written before; on a thread of its own, since those of
        // the pool may all be busy.
        Thread.detachNewThread {
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            _ = write(descriptor, "x = 1", 5)
            close(descriptor)
        }
        let sources = SystemSources(patience: .seconds(60))
        #expect(try sources.read(path, limit: 100).get().bytes == Array("x = 1".utf8))
    }

    @Test func aPipeWhoseWriterIsGoneIsAtItsEnd() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        close(ends[1])
        #expect(try SystemSources(patience: .seconds(60)).read("/dev/fd/\(ends[0])", limit: 100).get().bytes == [])
    }

    @Test func aPatternFindsItsFilesSortedAndTakesTheFoldersNameAsItIs() throws {
        let folder = try Folder()
        for name in ["b.toml", "a.toml", ".hidden.toml", "c.txt"] { try folder.write(name, "") }
        #expect(
            try sources.glob("*.toml", in: folder.path).get() == ["\(folder.path)/a.toml", "\(folder.path)/b.toml"])
        #expect(try sources.glob("*.none", in: folder.path).get() == [])
        #expect(try sources.glob("no/such/*.toml", in: folder.path).get() == [])
        #expect(try sources.glob("/etc/pass?d", in: folder.path).get() == ["/etc/passwd"])
    }

    @Test func rootIsFoundByNameAndById() throws {
        let root = try #require(try sources.user(named: "root").get())
        #expect(root.uid == 0 && root.gid == 0 && root.home == "/root")
        #expect(try sources.user(id: 0).get() == root)
        #expect(try sources.group(named: "root").get() == 0)
        #expect(try sources.groups(of: "root", primary: 0).get().contains(0))
    }

    @Test func whoDoesNotExistIsNilAndNoError() throws {
        #expect(try sources.user(named: "no-such-user-of-supd").get() == nil)
        #expect(try sources.group(named: "no-such-group-of-supd").get() == nil)
        #expect(try sources.user(id: 3_999_999_999).get() == nil)
    }

    @Test func theDaemonsOwnCredentialsAreThoseOfTheProcess() {
        #expect(sources.ownCredentials.uid == geteuid() && sources.ownCredentials.gid == getegid())
    }
}
