import Foundation
import Glibc
import Testing

/// What a new user does wrong first, and the sentence that says what to do: each as it is printed, with the test's folder as FOLDER.
@Suite(.daemons)
struct FirstMistakesTests {
    private func expect(
        _ output: Output, _ code: Int32, _ text: String, in folder: TemporaryFolder,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let said = output.error.replacing(folder.path, with: "FOLDER")
        #expect(output.code == code, sourceLocation: sourceLocation)
        #expect(said == text + "\n", sourceLocation: sourceLocation)
    }

    private func supctl(_ folder: TemporaryFolder, _ arguments: String...) async throws -> Output {
        try await run(
            Programs.supctl, arguments,
            environment: ["SUPD_SOCKET": folder.path("control.sock"), "PATH": "/usr/bin:/bin"])
    }

    @Test func noDaemon() async throws {
        let folder = try TemporaryFolder()
        expect(
            try await supctl(folder, "status"), 69,
            """
            supctl: no daemon at 'FOLDER/control.sock': ENOENT (No such file or directory)
            looked at: FOLDER/control.sock (SUPD_SOCKET)
            Start a daemon with 'supd', or say where one listens with --socket PATH or SUPD_SOCKET.
            """, in: folder)
    }

    @Test func theWrongSocket() async throws {
        let folder = try TemporaryFolder()
        try folder.write("file", "")
        expect(
            try await supctl(folder, "--socket", folder.path, "status"), 69,
            """
            supctl: no daemon at 'FOLDER': ECONNREFUSED (Connection refused)
            'FOLDER' is a folder; perhaps 'FOLDER/control.sock' is meant
            looked at: FOLDER (--socket)
            Start a daemon with 'supd', or say where one listens with --socket PATH or SUPD_SOCKET.
            """, in: folder)
        expect(
            try await supctl(folder, "--socket", folder.path("file"), "status"), 69,
            """
            supctl: no daemon at 'FOLDER/file': ECONNREFUSED (Connection refused)
            'FOLDER/file' is no socket
            looked at: FOLDER/file (--socket)
            Start a daemon with 'supd', or say where one listens with --socket PATH or SUPD_SOCKET.
            """, in: folder)
    }

    @Test func wordsThatAreNone() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(TOML.child("worker", ["wait"]), folder: folder) { _ in
            expect(
                try await supctl(folder, "statsu"), 2,
                """
                supctl: there is no verb 'statsu'; did you mean 'status'?
                Try 'supctl --help'.
                """, in: folder)
            expect(
                try await supctl(folder, "stop", "wroker"), 4,
                "supctl: no service is named 'wroker'; did you mean 'worker'?", in: folder)
            // As systemd calls its units.
            expect(
                try await supctl(folder, "stop", "worker.service"), 4,
                "supctl: no service is named 'worker.service'; did you mean 'worker'?", in: folder)
            expect(
                try await supctl(folder, "stop", "worker", "--no-wiat"), 2,
                """
                supctl: there is no option '--no-wiat'; did you mean '--no-wait'?
                Try 'supctl stop --help'.
                """, in: folder)
            expect(
                try await supctl(folder, "stop", "worker", "--timeout", "5x"), 2,
                """
                supctl: --timeout must be a duration up to a day (500ms, 30s, 2min) or 'infinity', found '5x'
                Try 'supctl stop --help'.
                """, in: folder)
            // Both are tried by who has changed a file.
            expect(
                try await supctl(folder, "reload"), 2,
                """
                supctl: 'reload NAME' has a service reload itself; 'apply' reads the configuration of supd anew
                Try 'supctl reload --help'.
                """, in: folder)
            expect(
                try await supctl(folder, "reload", "worker"), 1,
                "supctl: worker has no exec_reload and no reload_signal: give it one, or use 'supctl signal'",
                in: folder)
        }
    }

    @Test(arguments: [
        (
            "[service.web]\nexec_strat = \"web\"",
            "FOLDER/supd.toml:2:1: unknown key 'exec_strat' in [service.web]; did you mean 'exec_start'?"
        ),
        (
            "[service.web]\nexec_start = \"/bin/true\"\ntimeout_stop = \"10 minuts\"",
            "FOLDER/supd.toml:3:16: 'timeout_stop' must be a duration like \"10s\" or \"1min 30s\", or a number of seconds, found the "
                + "string \"10 minuts\": 'minuts' is not a unit; units are us, ms, s, min, h, d and w"
        ),
        (
            "[service.web]\nexec_start = \"/bin/true\"\nrequires = [\"db\"]\n[service.db]\nexec_start = \"/bin/true\"\nrequires = [\"web\"]",
            "FOLDER/supd.toml:6:13: these services wait for each other: web → db → web; take one of the references out"
        ),
    ])
    func aConfigurationWithAFault(text: String, fault: String) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("supd.toml", text + "\n")
        for arguments in [["check", file], ["--config", file, "--socket", folder.path("s")]] {
            expect(try await run(Programs.supd, arguments), 78, fault, in: folder)
        }
    }

    @Test func noPermission() async throws {
        guard Programs.isRoot, Programs.find("setpriv") != nil else {
            try Test.cancel("this is root's to try, with setpriv")
        }
        let folder = try TemporaryFolder()
        chmod(folder.path, 0o755)
        let copied = try await run("/usr/bin/install", ["-m", "755", Programs.supctl, folder.path("supctl")])
        #expect(copied.code == 0)
        try await withDaemon(TOML.child("worker", ["wait"]), folder: folder) { daemon in
            func asNobody(_ arguments: String...) async throws -> Output {
                try await run(
                    "/usr/bin/setpriv",
                    [
                        "--reuid=65534", "--regid=65534", "--clear-groups", folder.path("supctl"), "--socket",
                        daemon.socket,
                    ]
                        + arguments)
            }
            expect(
                try await asNobody("stop", "worker"), 5,
                "supctl: 'stop' needs the access class 'operate', which your user does not have: only root does; run "
                    + "supctl with sudo, or have 'operate' of [supervisor.access] name your user", in: folder)
            chmod(daemon.socket, 0o600)
            expect(
                try await asNobody("stop", "worker"), 5,
                """
                supctl: the socket 'FOLDER/control.sock' does not let you in: EACCES (Permission denied)
                supctl: its mode keeps your user out; run supctl with sudo, or as the user that supd runs as
                """, in: folder)
            chmod(daemon.socket, 0o660)
            chown(daemon.socket, 0, 4)
            expect(
                try await asNobody("stop", "worker"), 5,
                """
                supctl: the socket 'FOLDER/control.sock' does not let you in: EACCES (Permission denied)
                supctl: its mode lets in who is in the group 'adm': have your user put there, and log in anew; or run supctl with sudo, or as the user that supd runs as
                """, in: folder)
        }
    }

    @Test func whatCannotBeStarted() async throws {
        let taken = try LoopbackServer()
        let folder = try TemporaryFolder()
        let file = try folder.write("notes.txt", "no program")
        let address = "127.0.0.1:\(taken.port)"
        let configuration =
            TOML.service("web", ["/bin/sleep", "1000"], "sockets = [{ listen = \"\(address)\" }]\nrestart = \"no\"")
            + TOML.service("gone", ["/nonexistent/program"], #"restart = "no""#)
            + TOML.service("text", [file], #"restart = "no""#) + TOML.child("keep", ["wait"])
            + TOML.child("needs", ["wait"], #"requires = ["gone"]"#)
            + TOML.child(
                "bare", ["wait"], "environment_files = [\"\(folder.path("none.env"))\"]", #"restart = "no""#)
            + TOML.child(
                "deep", ["wait"], "sockets = [{ listen = \"\(folder.path("none/a.sock"))\" }]", #"restart = "no""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            expect(
                try await supctl(folder, "start", "web"), 1,
                """
                supctl: web is FATAL: could not start: socket of \(address): EADDRINUSE (Address already in use)
                supctl: another program has that address, and 'ss -lxtunp' names it: end it, or give web another in sockets
                """, in: folder)
            expect(
                try await supctl(folder, "start", "gone"), 1,
                """
                supctl: gone is FATAL: could not start: exec of /nonexistent/program: ENOENT (No such file or directory)
                supctl: correct exec_start of gone, or install what it names; then 'supctl apply' or 'supctl start'
                """, in: folder)
            expect(
                try await supctl(folder, "start", "needs"), 1,
                """
                supctl: needs is STOPPED: cannot start without gone (FATAL)
                supctl: 'supctl why gone' says what would change it
                """, in: folder)
            expect(
                try await supctl(folder, "call", "lb.state"), 1,
                "supctl: no method is named 'plugin.lb.state'; 'supctl plugins' lists what plugins bring", in: folder)
            expect(
                try await supctl(folder, "start", "text"), 1,
                """
                supctl: text is FATAL: could not start: exec of FOLDER/notes.txt: EACCES (Permission denied)
                supctl: the program of text, and each folder above it, must let the service's user in: see chmod(1)
                """, in: folder)
            expect(
                try await supctl(folder, "start", "bare"), 1,
                """
                supctl: bare is FATAL: could not start: environment of file FOLDER/none.env: ENOENT (No such file or directory)
                supctl: make the file, or correct environment_files of bare, where '-' before it lets it be absent; then 'supctl start'
                """, in: folder)
            expect(
                try await supctl(folder, "start", "deep"), 1,
                """
                supctl: deep is FATAL: could not start: socket of FOLDER/none/a.sock: ENOENT (No such file or directory)
                supctl: make the folder of the socket, or correct sockets of deep; then 'supctl apply' or 'supctl start'
                """, in: folder)
            // It is mostly met where a file has changed, and by who asks why.
            try daemon.edit(
                configuration
                    + TOML.service("lost", ["/bin/true"], #"working_directory = "/nonexistent""#, #"restart = "no""#))
            expect(
                try await supctl(folder, "apply"), 1,
                """
                lost is FATAL: could not start: working_directory of /nonexistent: ENOENT (No such file or directory)
                supctl: lost: FATAL: could not start: working_directory of /nonexistent: ENOENT (No such file or directory)
                supctl: make the folder, or correct working_directory of lost; then 'supctl apply' or 'supctl start'
                """, in: folder)
            let why = try await supctl(folder, "why", "gone").output
            #expect(
                why.contains(
                    " Correct exec_start of gone, or install what it names; then 'supctl apply' or 'supctl start'.\n"),
                "\(why)")
        }
    }
}
