import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

@Suite struct DetailTests {
    @Test func aProcessIsShownAsProcHasIt() async {
        await #expect(processExitsWith: .success) {
            try withHost { bench in
                let process = try bench.start("wait", "a b", "\u{1b}[31m\n\u{85}", "")
                _ = try bench.words(process.output, after: "ready")
                let busy = try bench.start("flood")
                let gone = try bench.start("exit", "0")
                _ = try bench.end(of: gone)
                try bench.learnsCommand(of: process, "testchild wait a b ?[31m??")
                let details = bench.host.details(of: [process.pid, gone.pid])
                expectEqual(details.count, 1)
                let detail = try #require(details.first)
                expectEqual(detail.pid, process.pid)
                expectEqual(detail.parent, getpid())
                expectEqual(detail.command, "testchild wait a b ?[31m??")
                #expect(detail.state == "S" || detail.state == "R")
                #expect(detail.residentBytes >= 100_000 && detail.residentBytes % 4096 == 0)
                #expect(detail.age >= .zero && detail.age < .seconds(60))
                // One that has ended is missing, and nothing is unknown.
                var isWhole: Bool?
                bench.host.describe([process.pid, gone.pid], within: .seconds(20)) { isWhole = $1 }
                try bench.turns(until: "both were looked at") { isWhole != nil }
                expectEqual(isWhole, true)
                let output = try #require(busy.output)
                func used() -> Duration { bench.host.details(of: [busy.pid]).first?.processorTime ?? .zero }
                func readOn() throws {
                    guard case .failure = bench.readSome(output) else { return }
                    try bench.event("more output") { $0 == .readable(output) }
                }
                while used() == .zero { try readOn() }
                let before = used()
                while used() == before { try readOn() }
                #expect(used() > before && used() < .seconds(60))
                #expect(detail.processorTime < .seconds(1))
            }
        }
    }

    @Test func whatShowsNoArgumentsIsCalledByItsName() {
        // Whoever has ended and is not collected has no arguments any more.
        let pid = 2
        let procfs = ProcFiles(ownPID: getpid(), scansAllOfProc: false)
        guard let stat = procfs.stat(Int32(pid)), stat.parent == 0, procfs.name(of: 2) == "kthreadd" else {
            print("skipped: no thread of the kernel's can be seen")
            return
        }
        #expect(ProcessMemory.look(at: stat.identity)?.command == nil)
    }

    @Test func aCommandIsShownWithoutControlCharactersAndIsNoLongerThanALine() {
        #expect(ProcFiles.shown(Array("a\tb\u{7f}ü\u{9b}".utf8)) == "a?b?ü?")
        #expect(ProcFiles.shown(Array(repeating: 0xFF, count: 4096)).utf8.count <= 4096)
        #expect(ProcFiles.shown([0xFF]) == "\u{FFFD}")
    }
}
