import SupdPlugin
import SupdSystemd
import TestChance
import Testing

/// What datagrams of sd_notify(3) say, and what they cannot.
@Suite struct NoticeMessageTests {
    private func read(_ text: String) -> NoticeMessage { NoticeMessage(Array(text.utf8)) }

    private func expected(_ change: (inout NoticeMessage) -> Void) -> NoticeMessage {
        var message = NoticeMessage([])
        change(&message)
        return message
    }

    @Test func everyAssignmentIsRead() {
        #expect(read("READY=1\nSTATUS=2 workers") == expected { ($0.isReady, $0.status) = (true, "2 workers") })
        #expect(
            read("RELOADING=1\nMONOTONIC_USEC=5000000\n")
                == expected { ($0.isReloading, $0.time) = (true, MonotonicInstant(nanoseconds: 5_000_000_000)) })
        #expect(
            read("STOPPING=1\nERRNO=2\nEXIT_STATUS=3")
                == expected { ($0.isStopping, $0.error, $0.exitStatus) = (true, 2, 3) })
        #expect(read("WATCHDOG=1") == expected { $0.isAlive = true })
        #expect(read("WATCHDOG=trigger") == expected { $0.isFailing = true })
        #expect(
            read("WATCHDOG_USEC=20\nEXTEND_TIMEOUT_USEC=30")
                == expected { ($0.watchdog, $0.needsTime) = (.microseconds(20), .microseconds(30)) })
        #expect(read("FDSTORE=1\nFDNAME=one") == expected { ($0.stores, $0.descriptorName) = (true, "one") })
        #expect(read("FDSTOREREMOVE=1\nFDNAME=one") == expected { ($0.removes, $0.descriptorName) = (true, "one") })
        #expect(read("FDSTORE=1\nFDPOLL=0") == expected { ($0.stores, $0.polls) = (true, false) })
        #expect(read("MAINPID=4711") == expected { $0.mainProcess = 4711 })
        #expect(read("STATUS=a=b=c") == expected { $0.status = "a=b=c" })
        #expect(read("STATUS=") == expected { $0.status = "" })
    }

    @Test func ofTwoTheFirstCounts() {
        #expect(read("READY=0\nREADY=1") == NoticeMessage([]))
        #expect(read("STATUS=one\nSTATUS=two").status == "one")
    }

    @Test(arguments: [
        "", "\n\n", "READY", "READY=", "READY=yes", "=1", "ready=1", "READY =1", "X_READY=1", "MAINPID=-1", "MAINPID=0",
        "MAINPID=1x",
        "MAINPID=99999999999", "ERRNO=", "WATCHDOG_USEC=-1", "WATCHDOG_USEC=1.5", "WATCHDOG_USEC=0x10",
        "WATCHDOG_USEC=+1",
        "EXTEND_TIMEOUT_USEC=18446744073709551616", "FDNAME=a:b", "FDNAME=", "FDNAME=\u{1}", "BARRIER=1", "BUSERROR=x",
    ])
    func whatIsNothingIsNothing(text: String) {
        #expect(read(text) == NoticeMessage([]))
    }

    @Test func whatIsLongerThanAClockIsAsLongAsItCan() {
        #expect(read("WATCHDOG_USEC=18446744073709551615").watchdog.map { $0 > .seconds(86_400 * 365) } == true)
    }

    /// Whatever comes, it is read to its end: bytes at random, and lines of pieces that mean something.
    @Test func anythingCanBeRead() {
        var random = SeededRandom.announced()
        let pieces = [
            "READY", "STATUS", "MAINPID", "WATCHDOG_USEC", "FDNAME", "=", "=", "\n", "1", "trigger",
            "99999999999999999999", "\0", "\u{FF}",
            "-", "é",
        ].map { Array($0.utf8) }
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...20, using: &random)
            let bytes = (0..<count).flatMap { _ in
                Bool.random(using: &random)
                    ? pieces.randomElement(using: &random) ?? [] : [UInt8.random(in: 0...255, using: &random)]
            }
            let message = NoticeMessage(bytes)
            #expect(message.mainProcess.map { $0 > 0 } ?? true, "\(bytes)")
            #expect(message.descriptorName.map { !$0.utf8.contains(UInt8(ascii: ":")) } ?? true, "\(bytes)")
        }
    }
}
