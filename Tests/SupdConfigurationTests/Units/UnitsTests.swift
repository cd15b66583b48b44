import Testing

@testable import SupdConfiguration

@Suite struct UnitsTests {
    @Test(arguments: [
        ("0", UInt64(0)), ("10", 10), ("10B", 10), ("64K", 65_536), ("64KiB", 65_536), ("10MiB", 10_485_760),
        ("10M", 10_485_760), ("1GB", 1_000_000_000), ("1kB", 1_000), ("2GiB", 2_147_483_648), ("3 KB", 3_000),
        ("1TiB", 1_099_511_627_776), ("18446744073709551615", .max),
    ])
    func sizesAreRead(text: String, expected: UInt64) throws {
        #expect(try ByteSize.parse(text) == expected)
    }

    @Test(arguments: [
        "", " ", "K", "-1", "1.5G", "1e3", "10mib", "10 XB", "18446744073709551616", "16777216TiB", "99999999999TiB",
    ])
    func whatIsNoSizeIsRefused(text: String) {
        #expect(throws: ByteSize.Unreadable.self) { try ByteSize.parse(text) }
    }

    @Test(arguments: [
        ("65536", UInt64(65_536), UInt64(65_536)), ("0", 0, 0), ("2GiB", 2 << 30, 2 << 30), ("100:200", 100, 200),
        ("infinity", .max, .max), ("1K:infinity", 1024, .max), ("unlimited", .max, .max), ("7:7", 7, 7),
    ])
    func limitsAreSoftAndHard(text: String, soft: UInt64, hard: UInt64) throws {
        let limit = try ResourceLimitText(text)
        #expect(limit.soft == soft && limit.hard == hard)
    }

    @Test(arguments: ["", ":", "1:", ":1", "2:1", "infinity:5", "1:2:3", "x", "-1"])
    func whatIsNoLimitIsRefused(text: String) {
        #expect(throws: ByteSize.Unreadable.self) { try ResourceLimitText(text) }
    }

    @Test func resourcesHaveTheKernelsNumbers() {
        // asm-generic/resource.h, which x86-64 and arm64 share.
        #expect(ResourceName.cpu.number == 0 && ResourceName.core.number == 4 && ResourceName.nproc.number == 6)
        #expect(ResourceName.nofile.number == 7 && ResourceName.as.number == 9 && ResourceName.rttime.number == 15)
        #expect(Set(ResourceName.allCases.map(\.number)) == Set(0...15))
    }

    @Test(arguments: [("0", UInt16(0)), ("22", 0o22), ("022", 0o22), ("0027", 0o27), ("0777", 0o777)])
    func masksAreOctal(text: String, expected: UInt16) {
        #expect(FileMode.mask(text) == expected)
    }

    @Test(arguments: ["", "8", "1000", "00022", "0o22", "-1", "rwx", " 22"])
    func whatIsNoMaskIsRefused(text: String) {
        #expect(FileMode.mask(text) == nil)
    }
}
