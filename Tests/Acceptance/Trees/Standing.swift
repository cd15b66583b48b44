import Glibc
import Testing

/// As whom a daemon runs, and how it tells trees apart.
enum Standing: CaseIterable, CustomStringConvertible {
    /// Root, with a control group for each instance.
    case groups
    /// Root, by descent.
    case descent
    /// An ordinary user, by descent.
    case user

    private static let nobody: uid_t = 65534

    var description: String {
        switch self {
        case .groups: "root with control groups"
        case .descent: "root without"
        case .user: "an ordinary user"
        }
    }

    /// What stands before the services in the configuration.
    private var configuration: String { self == .groups ? "" : "[supervisor]\ncontrol_groups = \"off\"\n" }

    private var launcher: [String] {
        guard self == .user else { return [] }
        return ["/usr/bin/setpriv", "--reuid=\(Self.nobody)", "--regid=\(Self.nobody)", "--clear-groups"]
    }

    /// A folder that the daemon's user has to itself.
    func folder() throws -> TemporaryFolder {
        guard getuid() == 0 else { try Test.cancel("only root can be all of these") }
        let folder = try TemporaryFolder()
        if self == .user {
            chown(folder.path, Self.nobody, Self.nobody)
            chmod(folder.path, 0o755)
        }
        return folder
    }

    /// Runs `body` with a daemon of this standing that answers at its socket. `launcher` is run as the daemon's user, and
    /// `outerLauncher` before that as root.
    func run(
        _ services: String, in folder: TemporaryFolder, outerLauncher: [String] = [], launcher: [String] = [],
        _ body: (Daemon) async throws -> Void
    ) async throws {
        unlink(folder.path("notify"))
        try await withDaemon(
            configuration + services, folder: folder, launcher: outerLauncher + self.launcher + launcher,
            untilReady: false
        ) { daemon in
            try await daemon.serves()
            let tracking = try await daemon.connect().call("supervisor.status").process_tracking
            if self == .groups, tracking.kind != "control-groups" {
                try Test.cancel("no control groups here: \(tracking.reason.string ?? "")")
            }
            #expect(tracking.kind == (self == .groups ? "control-groups" : "descent"))
            try await body(daemon)
        }
    }
}
