internal import CSupd
internal import Glibc
internal import SupdPlugin

/// What a socket is that somebody else has made.
struct MadeSocket {
    /// What it can be used for; nil where it is a connection's, or of another kind.
    let kind: ListenSocket.Kind?
    /// Nil where it has no name, or one of another family.
    let address: ListenAddress?
    let isLocal: Bool
    /// SO_REUSEPORT
    let reusesPort: Bool

    /// Nil for what is no socket.
    init?(_ descriptor: Int32) {
        var made = supd_made_socket()
        guard supd_look_at_socket(descriptor, &made) == 0 else { return nil }
        kind =
            switch made.kind {
            case Int32(SOCK_STREAM.rawValue): .stream
            case Int32(SOCK_DGRAM.rawValue): .datagram
            default: nil
            }
        let text = withUnsafeBytes(of: made.address) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        reusesPort = made.reuses_port != 0
        isLocal = made.family == AF_UNIX
        address =
            switch made.family {
            case AF_INET, AF_INET6: .internet(host: text, port: made.port)
            case AF_UNIX where text.hasPrefix("@"): .abstract(String(text.dropFirst()))
            case AF_UNIX where !text.isEmpty: .path(text)
            default: nil
            }
    }
}
