import Glibc
import SupdPlugin
import Testing

@testable import SupdHost

/// What somebody else has put where a daemon of root's writes.
@Suite(.enabled(if: geteuid() == 0, "only root makes files of others"))
struct PlantedFileTests {
    private static let somebody: uid_t = 4711
    private static let another: uid_t = 4712

    /// A folder below `folder` that belongs to somebody, and a file of root's in `folder` that nobody else may read.
    private func prepare(_ folder: String, owner: uid_t = somebody, mode: mode_t = 0o755) throws -> (
        folder: String, victim: String
    ) {
        let others = folder + "/others"
        mkdir(others, 0o700)
        chown(others, owner, owner)
        chmod(others, mode)
        try writeFile(folder + "/victim", "root:x\n", mode: 0o600)
        return (others, folder + "/victim")
    }

    private func plant(_ path: String, _ target: String, owner: uid_t = somebody) {
        symlink(target, path)
        lchown(path, owner, owner)
    }

    @Test func aLinkOfTheFoldersOwnerIsNotFollowed() throws {
        try withLogFolder { folder in
            let (others, victim) = try prepare(folder)
            plant(others + "/log", victim)
            let trouble = LogFileBench(others).write("attacker\n").trouble
            #expect(trouble?.description.contains("'log' is a symbolic link that user 4711 can have made") == true)
            #expect(readWholeFile(victim) == "root:x\n")
        }
    }

    @Test func aLinkOfRootsInSomebodysFolderIsNotFollowedEither() throws {
        try withLogFolder { folder in
            let (others, victim) = try prepare(folder)
            plant(others + "/log", victim, owner: 0)
            #expect(LogFileBench(others).write("attacker\n").trouble?.error.rawValue == ELOOP)
            #expect(readWholeFile(victim) == "root:x\n")
        }
    }

    @Test func aFolderThatIsALinkOfItsOwnerIsNotFollowed() throws {
        try withLogFolder { folder in
            let (others, _) = try prepare(folder)
            mkdir(folder + "/secret", 0o700)
            plant(others + "/logs", folder + "/secret")
            #expect(LogFileBench(others, name: "logs/log").write("x\n").trouble?.error.rawValue == ELOOP)
            #expect(access(folder + "/secret/log", F_OK) != 0)
        }
    }

    @Test func aFolderThatBecomesALinkIsNotFollowedWhenTheFileIsOpenedAnew() throws {
        try withLogFolder { folder in
            let (others, _) = try prepare(folder)
            mkdir(others + "/logs", 0o755)
            chown(others + "/logs", Self.somebody, Self.somebody)
            let log = LogFileBench(others, name: "logs/log")
            #expect(log.write("one\n").trouble == nil)
            mkdir(folder + "/secret", 0o700)
            rename(others + "/logs", others + "/before")
            plant(others + "/logs", folder + "/secret")
            log.now = log.now.advanced(by: .seconds(1))
            #expect(log.write("two\n").trouble?.error.rawValue == ELOOP)
            #expect(access(folder + "/secret/log", F_OK) != 0)
        }
    }

    @Test func aLinkOfAnothersWhereAnybodyMayWriteIsNotFollowed() throws {
        try withLogFolder { folder in
            let (others, victim) = try prepare(folder, owner: 0, mode: 0o1777)
            plant(others + "/log", victim)
            #expect(LogFileBench(others).write("attacker\n").trouble?.error.rawValue == ELOOP)
            #expect(readWholeFile(victim) == "root:x\n")
        }
    }

    @Test func aSecondNameOfAFileOfRootsIsNotWrittenTo() throws {
        try withLogFolder { folder in
            let (others, victim) = try prepare(folder)
            link(victim, others + "/log")
            let trouble = LogFileBench(others).write("attacker\n").trouble
            #expect(trouble?.description == "it has 2 names, and can be another file of user 0's")
            #expect(readWholeFile(victim) == "root:x\n")
        }
    }

    @Test func aFileThatAThirdUserHasPutThereIsNotWrittenTo() throws {
        try withLogFolder { folder in
            let (others, _) = try prepare(folder, owner: 0, mode: 0o1777)
            try writeFile(others + "/log", "")
            chown(others + "/log", Self.another, Self.another)
            #expect(LogFileBench(others).write("secret\n").trouble?.error.rawValue == EACCES)
            #expect(readWholeFile(others + "/log") == "")
            // The owner that the log is to have may have made it.
            let log = LogFileBench(others) { $0.owner = FileOwner(uid: Self.another, gid: Self.another) }
            #expect(log.write("x\n").trouble == nil)
        }
    }

    @Test func aSecondNameOfTheFoldersOwnersFileIsHis() throws {
        try withLogFolder { folder in
            let (others, _) = try prepare(folder)
            try writeFile(others + "/log", "")
            chown(others + "/log", Self.somebody, Self.somebody)
            link(others + "/log", others + "/copy")
            #expect(LogFileBench(others).write("x\n").trouble == nil)
        }
    }

    @Test func aLinkOfRootsInRootsFolderIsFollowed() throws {
        try withLogFolder { folder in
            let (others, _) = try prepare(folder)
            symlink("others", folder + "/logs")
            #expect(LogFileBench(folder, name: "logs/log").write("x\n").trouble == nil)
            #expect(readWholeFile(others + "/log") == "x\n")
        }
    }
}
