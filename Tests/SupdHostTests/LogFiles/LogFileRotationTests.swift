import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct LogFileRotationTests {
    private func bench(_ folder: String, size: Int = 20, keep: Int) -> LogFileBench {
        LogFileBench(folder) {
            $0.rotateSize = size
            $0.rotateKeep = keep
        }
    }

    // Ten bytes a line: two fit into twenty.
    private func line(_ number: Int) -> String { "line \(number) ..\n" }

    @Test func rotatesBeforeItWouldGrowOverItsSizeAndKeepsSoMany() throws {
        try withLogFolder { folder in
            let log = bench(folder, keep: 2)
            for number in 1...8 { #expect(log.write(line(number)).rotationTrouble == nil) }
            #expect(log.text == line(7) + line(8))
            #expect(log.text(1) == line(5) + line(6))
            #expect(log.text(2) == line(3) + line(4))
            #expect(log.text(3) == nil)
        }
    }

    @Test func aBatchIsDividedAtALineWhereTheFileIsFull() throws {
        try withLogFolder { folder in
            let log = bench(folder, keep: 9)
            #expect(log.write((1...7).map(line).joined()).hasRotated)
            #expect(log.text(3) == line(1) + line(2))
            #expect(log.text == line(7))
        }
    }

    @Test func aLineLongerThanTheLimitGetsAFileOfItsOwn() throws {
        try withLogFolder { folder in
            let log = bench(folder, keep: 9)
            let long = String(repeating: "x", count: 50) + "\n"
            log.write("short\n" + long + "next\n")
            #expect(log.text(2) == "short\n")
            #expect(log.text(1) == long)
            #expect(log.text == "next\n")
        }
    }

    @Test func keepingNoneRemovesTheFullFile() throws {
        try withLogFolder { folder in
            let log = bench(folder, keep: 0)
            for number in 1...3 { log.write(line(number)) }
            #expect(log.text == line(3))
            #expect(log.text(1) == nil)
        }
    }

    @Test func aLimitOfZeroNeverRotates() throws {
        try withLogFolder { folder in
            let log = bench(folder, size: 0, keep: 3)
            log.write(String(repeating: "x\n", count: 5000))
            #expect(log.text?.utf8.count == 10_000)
            #expect(log.text(1) == nil)
        }
    }

    @Test func aBackupThatIsTheSameFileIsToldAndTheFileGrowsOn() throws {
        try withLogFolder { folder in
            for keep in [1, 3] {
                let log = bench(folder, keep: keep)
                try writeFile(log.path, String(repeating: "x", count: 30) + "\n")
                link(log.path, "\(log.path).\(keep)")
                for number in 1...3 { #expect(log.write(line(number)).trouble == nil) }
                #expect(log.text?.hasSuffix(line(1) + line(2) + line(3)) == true)
                log.now = log.now.advanced(by: .seconds(60))
                #expect(
                    log.write(line(4)).rotationTrouble?.description == "log.\(keep) is another name of the same file")
                // Once it is gone, it is rotated again.
                unlink("\(log.path).\(keep)")
                log.now = log.now.advanced(by: .seconds(60))
                #expect(log.write(line(5)).hasRotated)
                #expect(log.text == line(5))
                for name in ["", ".1", ".2", ".3"] { unlink(log.path + name) }
            }
        }
    }

    @Test func backupsThatAreOneFileAreNoEndlessLoop() throws {
        try withLogFolder { folder in
            let log = bench(folder, keep: 2)
            try writeFile(log.path + ".1", "old\n")
            link(log.path + ".1", log.path + ".2")
            for number in 1...3 { #expect(log.write(line(number)).trouble == nil) }
            #expect(log.text == line(3))
            #expect(log.text(1) == line(1) + line(2))
        }
    }

    @Test func whatIsInTheWayAndNoRegularFileIsLeftAlone() throws {
        try withLogFolder { folder in
            let places: [(String) -> Void] = [
                { mkdir($0, 0o755) }, { mkfifo($0, 0o600) }, { symlink("/etc/passwd", $0) },
            ]
            for place in places {
                let log = bench(folder, keep: 2)
                place(log.path + ".1")
                let kind = LogFileBench.status(log.path + ".1").st_mode & S_IFMT
                log.write(line(1) + line(2))
                let report = log.write(line(3))
                #expect(report.trouble == nil)
                #expect(report.rotationTrouble?.description == "log.1 is in the way, and no regular file")
                #expect(log.text == line(1) + line(2) + line(3))
                #expect(LogFileBench.status(log.path + ".1").st_mode & S_IFMT == kind)
                remove(log.path + ".1")
                unlink(log.path)
            }
        }
    }

    @Test func aFileInTheOthersPlaceIsNotRotatedInItsStead() throws {
        try withLogFolder { folder in
            let log = bench(folder, keep: 1)
            log.write(line(1) + line(2))
            rename(log.path, log.path + ".old")
            mkfifo(log.path, 0o600)
            let reader = open(log.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            defer { close(reader) }
            #expect(log.write(line(3)) == LogFileReport())
            #expect(LogFileBench.status(log.path).st_mode & S_IFMT == S_IFIFO)
            #expect(log.text(1) == nil)
            #expect(readWholeFile(log.path + ".old") == line(1) + line(2))
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can be kept out in this way"))
    func whereItCannotBeRotatedItGrowsAndIsTriedAgainLater() async {
        await #expect(processExitsWith: .success) {
            try withLogFolder { folder in
                let log = LogFileBench(folder) {
                    $0.rotateSize = 20
                    $0.rotateKeep = 1
                }
                log.write("line 1 ..\n")
                chown(folder, 0, 0)
                chmod(log.path, 0o666)
                seteuid(4711)
                log.write("line 2 ..\n")
                expectEqual(log.write("line 3 ..\n").rotationTrouble?.error, ErrorNumber(EACCES))
                expectEqual(log.write("line 4 ..\n").rotationTrouble, nil)
                seteuid(0)
                log.now = log.now.advanced(by: .seconds(10))
                expectEqual(log.write("line 5 ..\n").hasRotated, true)
                expectEqual(log.text(1)?.utf8.count, 40)
            }
        }
    }
}
