import Glibc
import Testing

@testable import SupdHost

/// The folders that the sockets of notify services are in.
@Suite struct NoticeFolderTests {
    @Test func whatADaemonThatWasKilledHasLeftIsRemovedByTheNext() throws {
        try withTemporaryFolder { parent in
            let living = try NoticeFolder(in: [parent], token: "0001")
            defer { living.remove() }
            let abandoned = parent + "/supd-notify-0002"
            #expect(mkdir(abandoned, 0o711) == 0)
            try writeFile(abandoned + "/1", "")
            #expect(mkdir(parent + "/other", 0o711) == 0)
            let next = try NoticeFolder(in: [parent], token: "0003")
            defer { next.remove() }
            #expect(access(abandoned, F_OK) != 0)
            #expect(living.isThere && next.isThere && access(parent + "/other", F_OK) == 0)
        }
    }

    @Test func theSuccessorOfADaemonTakesItsFolderOver() throws {
        try withTemporaryFolder { parent in
            #expect(mkdir(parent + "/supd-notify-0001", 0o711) == 0)
            #expect(chmod(parent + "/supd-notify-0001", 0o711) == 0)
            try writeFile(parent + "/supd-notify-0001/1", "")
            let folder = try NoticeFolder(in: [parent], token: "0001")
            #expect(access(folder.path + "/1", F_OK) != 0)
            folder.remove()
            #expect(!folder.isThere)
        }
    }
}
