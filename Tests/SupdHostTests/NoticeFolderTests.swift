import Glibc
import Testing

@testable import SupdHost

/// The folders that the sockets of notify services are in.
@Suite struct NoticeFolderTests {
    private static func token(_ number: Int) -> String { "000000000000000\(number)" }

    @Test func whatADaemonThatWasKilledHasLeftIsRemovedByTheNext() throws {
        try withTemporaryFolder { parent in
            let living = try NoticeFolder(in: [parent], token: Self.token(1))
            defer { living.remove() }
            let abandoned = parent + "/supd-notify-\(Self.token(2))"
            #expect(mkdir(abandoned, 0o711) == 0)
            try writeFile(abandoned + "/1", "")
            // Whoever else calls a folder nearly so has not asked for that.
            let others = ["other", "supd-notify-mine"].map { parent + "/" + $0 }
            for other in others { #expect(mkdir(other, 0o711) == 0) }
            let next = try NoticeFolder(in: [parent], token: Self.token(3))
            defer { next.remove() }
            #expect(access(abandoned, F_OK) != 0)
            #expect(living.isThere && next.isThere && others.allSatisfy { access($0, F_OK) == 0 })
        }
    }

    /// Each of them begins while another looks at what is there and is not locked.
    @Test func thoseThatBeginAtTheSameTimeKeepTheirFolders() async throws {
        try await withTemporaryFolder { parent in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        for round in 0..<50 {
                            let digits = String(0x1000 + number * 0x100 + round, radix: 16)
                            let token = String(repeating: "0", count: 12) + digits
                            let folder = try NoticeFolder(in: [parent], token: token)
                            #expect(folder.isThere)
                            folder.remove()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func theSuccessorOfADaemonTakesItsFolderOver() throws {
        try withTemporaryFolder { parent in
            #expect(mkdir(parent + "/supd-notify-\(Self.token(1))", 0o711) == 0)
            #expect(chmod(parent + "/supd-notify-\(Self.token(1))", 0o711) == 0)
            try writeFile(parent + "/supd-notify-\(Self.token(1))/1", "")
            let folder = try NoticeFolder(in: [parent], token: Self.token(1))
            #expect(access(folder.path + "/1", F_OK) != 0)
            folder.remove()
            #expect(!folder.isThere)
        }
    }
}
