import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct LogFileWriterTests {
    @Test func whatWasThereIsAppendedTo() throws {
        try withLogFolder { folder in
            try writeFile(folder + "/log", "old\n")
            let log = LogFileBench(folder)
            #expect(log.write("new\n") == LogFileReport())
            #expect(log.text == "old\nnew\n")
        }
    }

    @Test func aFileIsMadeWithItsModeWhateverTheMaskIs() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder) { $0.mode = 0o666 }
            log.write("x\n")
            #expect(LogFileBench.status(log.path).st_mode & 0o7777 == 0o666)
            // One that was there keeps its own.
            chmod(log.path, 0o604)
            let again = LogFileBench(folder) { $0.mode = 0o640 }
            again.write("x\n")
            #expect(LogFileBench.status(log.path).st_mode & 0o7777 == 0o604)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root gives files away"))
    func aFileIsMadeForItsOwnerAndRotatedOnesKeepHim() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder) {
                $0.owner = FileOwner(uid: 4711, gid: 4712)
                $0.rotateSize = 4
                $0.rotateKeep = 1
            }
            log.write("one\n")
            log.write("two\n")
            for path in [log.path, log.path + ".1"] {
                #expect(LogFileBench.status(path).st_uid == 4711)
                #expect(LogFileBench.status(path).st_gid == 4712)
                #expect(LogFileBench.status(path).st_mode & 0o7777 == 0o640)
            }
        }
    }

    @Test func aFolderThatIsNotThereIsNamed() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder, name: "no/such/log")
            let trouble = log.write("x\n").trouble
            #expect(trouble?.error.rawValue == ENOENT)
            #expect(trouble?.description == "its folder \(folder)/no/such is not there")
            mkdir(folder + "/no", 0o755)
            mkdir(folder + "/no/such", 0o755)
            #expect(log.write("y\n").trouble == nil)
            #expect(log.text == "y\n")
        }
    }

    @Test func aFolderIsNoFile() throws {
        try withLogFolder { folder in
            mkdir(folder + "/log", 0o755)
            #expect(LogFileBench(folder).write("x\n").trouble?.error.rawValue == EISDIR)
            #expect(LogFileBench(folder, name: "/").write("x\n").trouble?.error.rawValue == EISDIR)
        }
    }

    // MARK: Moved, removed, truncated

    @Test func aRemovedFileIsMadeAnewByTheNextLine() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder)
            log.write("one\n")
            unlink(log.path)
            log.write("two\n")
            #expect(log.text == "two\n")
        }
    }

    @Test func aMovedFileIsLeftWithinASecond() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder)
            log.write("one\n")
            rename(log.path, log.path + ".old")
            log.write("two\n")
            log.now = log.now.advanced(by: .seconds(1))
            log.write("three\n")
            // No line is lost: what was written before it was noticed is in the old one.
            #expect(readWholeFile(log.path + ".old") == "one\ntwo\n")
            #expect(log.text == "three\n")
        }
    }

    @Test func aFileInTheOthersPlaceIsWrittenTo() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder)
            log.write("one\n")
            rename(log.path, log.path + ".old")
            try writeFile(log.path, "fresh\n")
            log.now = log.now.advanced(by: .seconds(1))
            log.write("two\n")
            #expect(log.text == "fresh\ntwo\n")
        }
    }

    @Test func aFolderThatWasReplacedIsLeftWithinASecond() throws {
        try withLogFolder { folder in
            mkdir(folder + "/a", 0o755)
            let log = LogFileBench(folder, name: "a/log")
            log.write("one\n")
            rename(folder + "/a", folder + "/b")
            mkdir(folder + "/a", 0o755)
            log.now = log.now.advanced(by: .seconds(1))
            log.write("two\n")
            #expect(log.text == "two\n")
            #expect(readWholeFile(folder + "/b/log") == "one\n")
        }
    }

    @Test func aFileThatWasTruncatedIsRotatedByItsNewSize() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder) {
                $0.rotateSize = 20
                $0.rotateKeep = 1
            }
            log.write("line 1 ..\nline 2 ..\n")
            truncate(log.path, 0)
            log.write("line 3 ..\n")
            #expect(log.text == "line 3 ..\n")
            #expect(log.text(1) == nil)
            // And one that somebody else has let grow.
            try writeFile(log.path, String(repeating: "x", count: 19) + "\n")
            log.write("line 4 ..\n")
            #expect(log.text == "line 4 ..\n")
            #expect(log.text(1)?.utf8.count == 20)
        }
    }

    @Test func aFileThatWasClosedWithItsProcessIsOpenedAnew() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder)
            log.write("one\n")
            #expect(log.writeElsewhere("two\n").trouble == nil)
            #expect(log.text == "one\ntwo\n")
        }
    }

    // MARK: What is no file

    @Test func aDeviceIsWrittenToAndNeverRotated() throws {
        try withLogFolder { folder in
            let log = LogFileBench(folder, name: "/dev/null") {
                $0.rotateSize = 4
                $0.rotateKeep = 1
            }
            for _ in 0..<9 { #expect(log.write("more than four\n") == LogFileReport()) }
            #expect(LogFileBench.status("/dev/null").st_mode & S_IFMT == S_IFCHR)
            #expect(LogFileBench(folder, name: "/dev/full").write("x\n").trouble?.error.rawValue == ENOSPC)
        }
    }

    @Test func aPipeThatIsFullSaysSoAndGoesOnLater() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_IGN)
            try withLogFolder { folder in
                let log = LogFileBench(folder) { $0.rotateSize = 4 }
                mkfifo(log.path, 0o600)
                expectEqual(log.write("x\n").trouble?.description, "nobody reads the pipe")
                let reader = open(log.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
                // F_SETPIPE_SZ, which Swift does not see.
                _ = fcntl(reader, 1031, 4096)
                let batch = LogBatch()
                batch.bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 5000)
                expectEqual(log.write(batch).isFull, true)
                expectEqual(batch.written, 4096)
                var buffer = [UInt8](repeating: 0, count: 8192)
                expectEqual(read(reader, &buffer, buffer.count), 4096)
                expectEqual(log.write(batch), LogFileReport())
                expectEqual(read(reader, &buffer, buffer.count), 904)
                close(reader)
                expectEqual(log.write("x\n").trouble?.error, ErrorNumber(EPIPE))
                expectEqual(LogFileBench.status(log.path).st_mode & S_IFMT, S_IFIFO)
            }
        }
    }

    @Test func whatALinkLeadsToIsWrittenToAndNotRotated() throws {
        try withLogFolder { folder in
            mkdir(folder + "/data", 0o755)
            symlink("data/real", folder + "/log")
            let log = LogFileBench(folder) {
                $0.rotateSize = 4
                $0.rotateKeep = 1
            }
            for _ in 0..<3 { #expect(log.write("line\n") == LogFileReport()) }
            #expect(readWholeFile(folder + "/data/real") == "line\nline\nline\n")
            #expect(LogFileBench.status(log.path).isLink)
        }
    }

    @Test func anOpenFileOfItsOwnIsWrittenTo() throws {
        try withLogFolder { folder in
            let file = open(folder + "/target", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(file) }
            symlink("/proc/self/fd/\(file)", folder + "/log")
            let log = LogFileBench(folder) { $0.rotateSize = 4 }
            for _ in 0..<3 { #expect(log.write("line\n") == LogFileReport()) }
            #expect(readWholeFile(folder + "/target") == "line\nline\nline\n")
        }
    }

    @Test func aLoopOfLinksEnds() throws {
        try withLogFolder { folder in
            symlink("log", folder + "/log")
            #expect(LogFileBench(folder).write("x\n").trouble?.error.rawValue == ELOOP)
        }
    }

    // MARK: Torn lines

    @Test func aLineThatAFullDiskHasTornIsEndedFirst() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            try withLogFolder { folder in
                let log = LogFileBench(folder)
                let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
                var limit = rlimit(rlim_cur: 6, rlim_max: rlim_t.max)
                setrlimit(resource, &limit)
                let batch = LogBatch()
                batch.bytes = Array("one\ntwo\nthree\n".utf8)
                expectEqual(log.write(batch).trouble?.error, ErrorNumber(EFBIG))
                expectEqual(batch.written, 6)
                limit.rlim_cur = rlim_t.max
                setrlimit(resource, &limit)
                expectEqual(log.write("five\n").trouble, nil)
                expectEqual(log.text, "one\ntw\nfive\n")
            }
        }
    }
}
