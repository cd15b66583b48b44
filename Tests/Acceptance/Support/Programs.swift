import Foundation
import Glibc

/// Where the programs under test are: beside the test bundle, as `swift build` made them.
enum Programs {
    static let folder: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().path
    }()

    static let supd = folder + "/supd"
    /// A daemon whose plugins make trouble.
    static let troubled = folder + "/troubled"
    static let supctl = folder + "/supctl"
    static let testchild = folder + "/testchild"
    /// A service that is linked to libsystemd.
    static let sdchild = folder + "/sdchild"

    /// The package's own root.
    static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { url.deleteLastPathComponent() }
        return url.path
    }()

    /// A program of this machine's, wherever administrators' and distributions' programs are; nil where it has none.
    static func find(_ name: String) -> String? {
        ["/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/bin/", "/usr/local/sbin/"]
            .map { $0 + name }
            .first { access($0, X_OK) == 0 }
    }

    /// The newest PostgreSQL's programs: Debian keeps each version in a folder of its own.
    static let postgres: String? = {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        return versions.compactMap(Int.init).sorted().last.map { "/usr/lib/postgresql/\($0)/bin" }
    }()

    /// What this process is called (proc(5), comm).
    static let ownName = ((try? String(contentsOfFile: "/proc/self/comm", encoding: .utf8)) ?? "")
        .trimmingCharacters(in: .newlines)

    static let isRoot = geteuid() == 0
    /// Whether a file system can be made, mounted and frozen.
    static let canFreeze =
        isRoot && access("/dev/loop-control", R_OK | W_OK) == 0
        && ["mkfs.ext4", "fsfreeze"].allSatisfy { name in
            ["/usr/sbin", "/sbin"].contains { access("\($0)/\(name)", X_OK) == 0 }
        }
}
