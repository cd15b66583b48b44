import Testing

/// A daemon with little: what a container may lack.
@Suite(.daemons)
struct SurroundingsTests {
    private static let environment = ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"]
    private static let job = TOML.child("job", ["exit", "7"], "essential = true", #"restart = "no""#)

    /// Runs a line of shell in mount and process namespaces of its own, as their first process.
    private func inNamespaces(_ line: String, _ words: [String]) async throws -> Output {
        let launcher = ["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
        guard try await run("/usr/bin/unshare", launcher + ["/bin/true"]).code == 0 else {
            try Test.cancel("namespaces of its own are not allowed here")
        }
        return try await run(
            "/usr/bin/unshare", launcher + ["/bin/sh", "-ec", line + #"; exec "$@""#, "sh"] + words,
            environment: Self.environment)
    }

    @Test(arguments: [[], ["--socket", "none"]])
    func noSocketIsNeeded(arguments: [String]) async throws {
        let folder = try TemporaryFolder()
        let setting = arguments.isEmpty ? "[supervisor]\nsocket = \"none\"\n" : ""
        let path = try folder.write("supd.toml", setting + Self.job)
        let output = try await inNamespaces(
            "mount -o remount,bind,ro /; mount -t tmpfs -o ro none /run; "
                + "for place in / /run; do if touch $place/x 2>/dev/null; then exit 99; fi; done",
            [Programs.supd, "--config", path] + arguments)
        #expect(output.code == 7, "\(output)")
    }

    @Test func aSocketElsewhereWillDoWithAReadOnlyRoot() async throws {
        let folder = try TemporaryFolder()
        let job = TOML.service(
            "job", ["/bin/sh", "-c", "test -S /mnt/control.sock && echo the socket is there; exit 7"],
            "essential = true", #"restart = "no""#, #"log = { sink = "inherit" }"#)
        let path = try folder.write("supd.toml", job)
        let output = try await inNamespaces(
            "mount -t tmpfs none /mnt; mount -o remount,bind,ro /; mount -t tmpfs -o ro none /run",
            [Programs.supd, "--config", path, "--socket", "/mnt/control.sock"])
        #expect(output.code == 7, "\(output)")
        #expect(output.output.contains("the socket is there"), "\(output)")
    }

    @Test(arguments: [
        "while place=$(findmnt -rnfo TARGET -t cgroup2) && [ -n \"$place\" ]; do umount -l $place; done",
        "for place in $(findmnt -rno TARGET -t cgroup2); do mount -o remount,bind,ro $place; "
            + "if mkdir $place/supd-test 2>/dev/null; then exit 99; fi; done",
    ])
    func noControlGroupIsNeeded(line: String) async throws {
        let folder = try TemporaryFolder()
        let job = TOML.service(
            "job", ["/bin/sh", "-c", "\(Programs.testchild) daemonize 2; exit 7"], "essential = true",
            #"restart = "no""#, #"timeout_stop = "300ms""#)
        let path = try folder.write("supd.toml", job)
        let output = try await inNamespaces(line, [Programs.supd, "--config", path, "--socket", "none"])
        #expect(output.code == 7, "\(output)")
    }

    /// An empty folder over /proc, where Swift's runtime would read the words that a program was started with.
    @Test func theirCommandLinesReachThemWithoutProc() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("supd.toml", Self.job)
        let hide = "mount -t tmpfs none /proc"
        let version = try await inNamespaces(hide, [Programs.supd, "--version"])
        #expect(version.code == 0 && version.output.hasPrefix("supd "), "\(version)")
        let check = try await inNamespaces(hide, [Programs.supd, "check", path])
        #expect(check.code == 0 && check.output == "\(path): 1 service, no faults\n", "\(check)")
        let one = try await inNamespaces(
            hide, [Programs.supd, "run", "--", "/bin/sh", "-c", "echo \"<$0>\"; exit 9", ""])
        #expect(one.code == 9 && one.output == "<>\n", "\(one)")
        let many = try await inNamespaces(hide, [Programs.supd, "-c", path, "--socket", "none"])
        #expect(many.code == 7, "\(many)")
        #expect(many.error.contains("warning there is no /proc: what leaves the process group"), "\(many)")
        let control = try await inNamespaces(hide, [Programs.supctl, "--version"])
        #expect(control.code == 0 && control.output.hasPrefix("supctl "), "\(control)")
    }

    @Test func anOrdinaryUserCanRunIt() async throws {
        guard Programs.isRoot, let setpriv = Programs.find("setpriv") else { try Test.cancel("this takes root") }
        let ordinary = ["--reuid=65534", "--regid=65534", "--clear-groups"]
        guard try await run(setpriv, ordinary + ["/usr/bin/test", "-x", Programs.supd]).code == 0 else {
            try Test.cancel("another user cannot reach \(Programs.supd)")
        }
        let output = try await run(
            setpriv, ordinary + [Programs.supd, "run", "--", "/bin/sh", "-c", "id -u; exit 9"],
            environment: Self.environment)
        #expect(output.output == "65534\n")
        #expect(output.code == 9, "\(output)")
    }

    /// Of a folder that has no name any more, or that its user may not enter: the command is there all the same.
    @Test func theCommandIsWhereSupdIs() async throws {
        let folder = try TemporaryFolder()
        let show = "exec \"$@\" run -- /bin/sh -c 'stat -c %i .'"
        let removed = try await run(
            "/bin/sh", ["-ec", "mkdir gone; cd gone; stat -c %i .; rmdir ../gone; \(show)", "sh", Programs.supd],
            environment: Self.environment, folder: folder.path)
        let inodes = removed.output.split(separator: "\n")
        #expect(removed.code == 0 && inodes.count == 2 && inodes.first == inodes.last, "\(removed)")
        guard Programs.isRoot, let setpriv = Programs.find("setpriv") else { return }
        let user = "\(setpriv) --reuid=65534 --regid=65534 --clear-groups"
        guard try await run("/bin/sh", ["-c", "\(user) test -x \(Programs.supd)"]).code == 0 else { return }
        let closed = try await run(
            "/bin/sh",
            ["-ec", "mkdir -m 700 own; cd own; exec \(user) \"$@\" run -- /bin/echo there", "sh", Programs.supd],
            environment: Self.environment, folder: folder.path)
        #expect(closed.code == 0 && closed.output == "there\n", "\(closed)")
    }

    @Test func aVariableOfAnyBytesReachesTheCommand() async throws {
        let launch = #"RAW=$(printf '\377A'); export RAW; exec "$@""#
        let show = #"printf %s "$RAW" | od -An -tx1"#
        let output = try await run(
            "/bin/sh", ["-c", launch, "sh", Programs.supd, "run", "--", "/bin/sh", "-c", show],
            environment: Self.environment)
        #expect(output.code == 0 && output.output == " ff 41\n", "\(output)")
    }

    @Test func theDaemonEndsWhereAllHasExited() async throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "supd.toml",
            "[supervisor]\nexit_when = \"all-exited\"\nsocket = \"none\"\n"
                + TOML.child("one", ["exit", "0"]) + TOML.child("two", ["exit", "3"], #"restart = "no""#))
        let output = try await inNamespaces(":", [Programs.supd, "--config", path])
        // That of the one that failed.
        #expect(output.code == 3, "\(output)")
    }
}
