import Glibc
public import SupdProtocol

extension SocketLocation {
    /// Where this program looks for its daemon: `option`, else SUPD_SOCKET, else the standard place of its effective
    /// user.
    public static func forThisProcess(option: String? = nil) -> SocketLocation {
        forClient(
            option: option, environment: environmentVariable("SUPD_SOCKET"), uid: geteuid(),
            runtimeDirectory: environmentVariable("XDG_RUNTIME_DIR"))
    }

    private static func environmentVariable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
