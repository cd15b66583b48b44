import Foundation
import Glibc
import Testing

/// The scripts of contrib/ where they decide something.
@Suite(.daemons)
struct ScriptsTests {
    /// Runs a line of bash with contrib/lib's functions in it, from the package's root.
    private func shell(
        _ line: String, _ arguments: [String] = [], environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) async throws -> Output {
        let sourced = "set -euo pipefail; . contrib/lib/install-missing.sh; . contrib/lib/not-run.sh; \(line)"
        return try await run(
            "/bin/bash", ["-c", sourced, "test"] + arguments,
            environment: environment.merging(["LC_ALL": "C"]) { $1 }, folder: Programs.root)
    }

    /// A folder with a program `swift` that is this script, before the machine's own programs.
    private func path(swift script: String, in folder: TemporaryFolder) async throws -> [String: String] {
        try await folder.writeProgram("swift", "#!/bin/sh\n\(script)\n")
        // No apt-get, so that nothing is installed: only what these need is there.
        for name in ["sed", "head", "sort", "dirname", "readlink", "ldd", "id", "cat", "grep"] {
            let real = try #require(Programs.find(name))
            try FileManager.default.createSymbolicLink(atPath: folder.path(name), withDestinationPath: real)
        }
        return ["PATH": folder.path]
    }

    @Test func aToolchainThatCannotRunSaysWhy() async throws {
        let folder = try TemporaryFolder()
        let complaint = "swift: error while loading shared libraries: libfoo.so.6: cannot open shared object file"
        let environment = try await path(swift: "echo '\(complaint)' >&2; exit 127", in: folder)
        let output = try await shell("require_swift", environment: environment)
        #expect(output.code == 1)
        #expect(output.error.contains(complaint), "\(output)")
        #expect(output.error.contains("install what the toolchain needs"), "\(output)")
    }

    @Test func aToolchainThatIsTooOldOrMissingIsToldSo() async throws {
        var folder = try TemporaryFolder()
        var output = try await shell(
            "require_swift",
            environment: try await path(swift: "echo 'Swift version 5.10.1 (swift-5.10.1)'", in: folder))
        #expect(output.code == 1 && output.error.contains("Swift 5.10 is too old"), "\(output)")
        folder = try TemporaryFolder()
        let environment = try await path(swift: "", in: folder)
        try FileManager.default.removeItem(atPath: folder.path("swift"))
        output = try await shell("require_swift", environment: environment)
        #expect(output.code == 1 && output.error.contains("no 'swift' in PATH"), "\(output)")
    }

    @Test func missingLibrariesAreTakenForTheirPackages() async throws {
        let output = try await shell(
            #"for_libraries "$@"; printf '%s\n' "${missing_packages[@]}""#,
            ["libncurses.so.6", "libsqlite3.so.0", "libcurl.so.4", "libxml2.so.2", "libz.so.1", "libstdc++.so.6"])
        #expect(output.output == "libncurses6\nlibsqlite3-0\nlibcurl4\nlibxml2\nzlib1g\nlibstdc++6\n", "\(output)")
    }

    /// The runner itself, asked for tests that leave themselves out: what it prints of them is what the summary looks for.
    @Test func whatWasNotRunIsListedWithItsReason() async throws {
        let folder = try TemporaryFolder()
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let output = try await run(
            runner, ["--testing-library", "swift-testing", "--filter", "AcceptanceTests.LeftOutOnRequestTests"],
            environment: [LeftOutOnRequestTests.request: "1", "PATH": "/usr/bin:/bin"])
        #expect(output.code == 0, "\(output)")
        let log = try folder.write("log", output.output + output.error)
        let listed = try await shell(#"not_run "$@""#, [log])
        let expected = [
            "aWholeTestIsCancelled(): it turned out not to be possible",
            "case of oneCaseIsCancelled(number:): not with 2",
            "skippedByATrait(): a trait says so",
            "skippedWithItsSuite(): the suite is not for this machine",
        ]
        #expect(listed.output.split(separator: "\n").map(String.init) == expected, "\(output.output)")
    }

    @Test func anInstallationIsWhereTheUnitLooks() async throws {
        let folder = try TemporaryFolder()
        let prefix = folder.path("opt")
        let stage = folder.path("stage")
        let arguments = ["PREFIX=\(prefix)", "DESTDIR=\(stage)", "FROM=\(Programs.folder)"]
        // Nobody else could read what this umask makes.
        let output = try await run(
            "/bin/sh", ["-c", #"umask 077; exec "$0" "$@""#, "\(Programs.root)/contrib/install"] + arguments,
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.code == 0, "\(output)")

        let documentation = "\(prefix)/share/doc/supd"
        for (path, mode) in [
            ("\(prefix)/bin", 0o755), ("\(prefix)/bin/supd", 0o755), ("\(prefix)/bin/supctl", 0o755),
            ("/usr/local/lib/systemd/catalog/supd.catalog", 0o644),
            ("/etc/systemd/system/supd.service", 0o644), ("/etc/systemd/system/supd@.service", 0o644),
            ("/etc/systemd/system/supd.socket", 0o644), ("/etc/systemd/user/supd.service", 0o644),
            ("/etc/systemd/system-preset/90-supd.preset", 0o644), ("/etc/systemd/user-preset/90-supd.preset", 0o644),
            ("/etc/sysusers.d/supd.conf", 0o644),
            ("/etc/tmpfiles.d/supd.conf", 0o644), ("/etc/supd/tenants", 0o755), ("/etc/supd", 0o755),
            ("\(prefix)/share", 0o755), ("\(prefix)/share/bash-completion/completions/supctl", 0o644),
            ("\(prefix)/share/man/man1/supctl.1", 0o644), ("\(prefix)/share/man/man8/supd.8", 0o644),
            ("\(prefix)/share/man/man5/supd.toml.5", 0o644),
            ("\(prefix)/share/man/man7/supd-plugins.7", 0o644),
            ("\(prefix)/share/zsh/site-functions/_supctl", 0o644),
            ("\(prefix)/share/fish/vendor_completions.d/supctl.fish", 0o644),
            ("\(prefix)/share/fish/vendor_completions.d/supd.fish", 0o644),
            ("\(documentation)/LICENSE", 0o644), ("\(documentation)/README.md", 0o644),
            ("\(documentation)/docs/configuration.md", 0o644), ("\(documentation)/examples/demo.toml", 0o644),
            ("\(documentation)/examples/client.py", 0o755), ("\(documentation)/protocol/supd.schema.json", 0o644),
        ] {
            let attributes = try FileManager.default.attributesOfItem(atPath: stage + path)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == mode, "\(path)")
        }
        // As a package's manager would, put it where it says that it is.
        try FileManager.default.createSymbolicLink(atPath: prefix, withDestinationPath: stage + prefix)
        let unit = "\(stage)/etc/systemd/system/supd.service"
        let text = try String(contentsOfFile: unit, encoding: .utf8)
        let start = text.split(separator: "\n").filter { $0.hasPrefix("ExecStart=") }
        #expect(start.map { $0.dropFirst("ExecStart=".count) } == ["\(prefix)/bin/supd"])
        #expect(text.contains("\nExecReload=\(prefix)/bin/supctl apply\n"), "\(text)")
        let version = try await run("\(prefix)/bin/supd", ["--version"])
        #expect(version.code == 0, "\(version)")

        #expect(text.contains("\nDocumentation=file:\(prefix)/share/doc/supd/README.md "), "\(text)")

        guard let analyze = Programs.find("systemd-analyze") else { try Test.cancel("there is no systemd-analyze") }
        for (unit, options) in [
            ("system/supd.service", []), ("system/supd@daemon.service", []), ("system/supd.socket", []),
            ("user/supd.service", ["--user"]),
        ] {
            let path = "\(stage)/etc/systemd/\(unit)"
            let verified = try await run(
                analyze, ["verify"] + options + [path],
                environment: ["PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": folder.path, "HOME": folder.path])
            // Of other units of this machine it may have something to say.
            let words = (verified.output + verified.error).split(separator: "\n").filter { $0.contains("supd") }
            #expect(verified.code == 0 && words == [], "\(unit): \(verified)")
        }
        #expect(FileManager.default.fileExists(atPath: "\(stage)\(documentation)/docs/systemd.md"))
    }

    /// An older systemd complains of a key that it does not know.
    @Test(arguments: [252, 253, 254, 260])
    func theSubgroupIsForASystemdThatKnowsIt(version: Int) async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("bin"), withIntermediateDirectories: false)
        try await folder.writeProgram("bin/systemctl", "#!/bin/sh\necho 'systemd \(version) (\(version).1-1)'\n")
        let stage = folder.path("stage")
        let output = try await run(
            "\(Programs.root)/contrib/install", ["PREFIX=/usr", "DESTDIR=\(stage)", "FROM=\(Programs.folder)"],
            environment: ["PATH": "\(folder.path("bin")):/usr/bin:/bin"])
        #expect(output.code == 0, "\(output)")
        for unit in ["system/supd.service", "system/supd@.service", "user/supd.service"] {
            let dropIn = "\(stage)/usr/lib/systemd/\(unit).d/subgroup.conf"
            let text = try? String(contentsOfFile: dropIn, encoding: .utf8)
            #expect(
                text?.contains("\n[Service]\nDelegateSubgroup=") == (version >= 254 ? true : nil),
                "\(unit): \(text ?? "")")
        }
    }

    /// As far as services keep working: systemd's own judgement of what a unit may still do, which is 10 for all there is.
    @Test(arguments: ["supd.service", "supd@.service"])
    func theUnitsAreHardened(unit: String) async throws {
        guard let analyze = Programs.find("systemd-analyze") else { try Test.cancel("there is no systemd-analyze") }
        let judged = try await run(
            analyze,
            ["security", "--offline=yes", "--no-pager", "--threshold=40", "\(Programs.root)/contrib/systemd/\(unit)"],
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"])
        let level = judged.output.firstMatch(of: /Overall exposure level for \S+: (\d+\.\d)/).flatMap { Double($0.1) }
        #expect(judged.code == 0 && level.map { $0 <= 4 } == true, "\(judged)")
        #expect(!judged.error.contains("supd"), "\(judged.error)")
    }

    /// As the daemon does, and a release supctl would whose flag is lost.
    @Test func aProgramThatLoadsLibrariesIsToldFromAStaticOne() async throws {
        let output = try await run(
            "\(Programs.root)/.ci/static", [Programs.supd], environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.code == 1 && output.output.contains("\(Programs.supd) is no static executable"), "\(output)")
    }

    @Test(arguments: ["PREFIX=usr", "PREFX=/usr", "PREFIX=/a b", "DESTDIR=stage", "UNITDIR=/etc/units"])
    func whatCannotBeInstalledIsRefused(argument: String) async throws {
        let output = try await run(
            "\(Programs.root)/contrib/install", [argument, "FROM=\(Programs.folder)"],
            environment: ["PATH": "/usr/bin:/bin"])
        #expect(output.code == 64, "\(output)")
    }
}

/// Tests that leave themselves out where the summary of them is tested, and else hold nothing.
@Suite(.daemons) struct LeftOutOnRequestTests {
    static let request = "SUPD_LEAVE_TESTS_OUT"
    static let isRequested = getenv(request) != nil

    @Test(.disabled(if: isRequested, "a trait says so")) func skippedByATrait() {}

    @Test func aWholeTestIsCancelled() throws {
        if Self.isRequested { try Test.cancel("it turned out not to be possible") }
    }

    @Test(arguments: [1, 2]) func oneCaseIsCancelled(number: Int) throws {
        if Self.isRequested, number == 2 { try Test.cancel("not with 2") }
    }

    @Suite(.disabled(if: LeftOutOnRequestTests.isRequested, "the suite is not for this machine")) struct Inner {
        @Test func skippedWithItsSuite() {}
    }
}
