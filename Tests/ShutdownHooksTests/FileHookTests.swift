import Glibc
import ShutdownHooks
import SupdPlugin
import Testing

@Suite struct FileHookTests {
    @Test func touchMakesTheFileReadableForEverybodyWhateverTheMask() async throws {
        let folder = try Folder()
        try await makeHook("touch-file", ["path": .text(folder.file("file"))]).run(hookContext())
        #expect(folder.mode("file") == 0o644)
    }

    @Test func touchMovesTheTimeOfWhatIsThereAndNothingElse() async throws {
        let folder = try Folder()
        try folder.write("file", "content")
        chmod(folder.file("file"), 0o600)
        var old = [timespec(tv_sec: 1000, tv_nsec: 0), timespec(tv_sec: 1000, tv_nsec: 0)]
        utimensat(AT_FDCWD, folder.file("file"), &old, 0)
        try await makeHook("touch-file", ["path": .text(folder.file("file"))]).run(hookContext())
        var status = stat()
        #expect(stat(folder.file("file"), &status) == 0)
        #expect(status.st_mtim.tv_sec > 1_000_000 && status.st_size == 7)
        #expect(folder.mode("file") == 0o600)
    }

    @Test func removeIsDoneWhereThereIsNothing() async throws {
        let folder = try Folder()
        try folder.write("file", "")
        let hook = try makeHook("remove-file", ["path": .text(folder.file("file"))])
        for _ in 1...2 {
            try await hook.run(hookContext())
            #expect(folder.mode("file") == nil)
        }
    }

    @Test func whatTheKernelRefusesIsAFailureThatNamesTheFile() async throws {
        for (hook, path, said) in [
            ("touch-file", "/nowhere/file", "open of /nowhere/file: ENOENT"),
            ("remove-file", "/proc", "unlink of /proc: "),
        ] {
            let hook = try makeHook(hook, ["path": .text(path)])
            let text = await failure { try await hook.run(hookContext()) }
            #expect(text?.hasPrefix(said) == true, "\(text ?? "no failure")")
        }
    }

    @Test func thePathIsDeclaredAsOne() throws {
        let hooks = PluginRegistrar([ShutdownHooks()]).shutdownHooks
        for hook in ["touch-file", "remove-file"] {
            #expect(hooks[hook]?.options.map(\.type) == [.path])
        }
    }
}
