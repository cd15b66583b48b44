import Glibc
import SupdPlugin

/// The address of a socket as `listen` writes it: `127.0.0.1:8080`, `[::1]:8080`, `/path`, `@name`.
enum SocketAddressText {
    /// Why a text is no such address, as half a sentence.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// The longest path that a socket's address holds, and the longest abstract name (unix(7): 108 bytes, one of them a NUL
    /// behind the path or before the name).
    static let nameLength = 107

    /// What is wrong with `name`, which is `what`, where it is too long for the address of a socket.
    static func tooLong(_ name: String, _ what: String) -> String? {
        let length = name.utf8.count
        return length > nameLength ? "is \(what) of \(length) bytes; the address of a socket holds \(nameLength)" : nil
    }

    /// The address; one of numbers in the one way that inet_ntop(3) writes it, so that two spellings are the same.
    static func parse(_ text: String) throws(Unreadable) -> ListenAddress {
        switch text.utf8.first {
        case UInt8(ascii: "/"):
            if let wrong = tooLong(text, "a path") { throw Unreadable(description: "it \(wrong)") }
            return .path(text)
        case UInt8(ascii: "@"):
            let name = String(text.dropFirst())
            guard !name.isEmpty else { throw Unreadable(description: "there is no name behind the @") }
            if let wrong = tooLong(name, "a name") { throw Unreadable(description: "it \(wrong)") }
            return .abstract(name)
        default:
            return try internet(text)
        }
    }

    private static func internet(_ text: String) throws(Unreadable) -> ListenAddress {
        // The colons within brackets are the address's own.
        guard !text.hasSuffix("]") else { throw Unreadable(description: "it has no port") }
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
            if text.utf8.allSatisfy(isDigit) { throw noHost(text) }
            throw Unreadable(description: "it has no port")
        }
        let port = text[text.utf8.index(after: colon)...]
        var host = text[..<colon]
        guard !host.isEmpty else { throw noHost(port) }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let family = isBracketed ? AF_INET6 : AF_INET
        guard let number = canonical(String(host), family: family) else {
            if !isBracketed, host.utf8.contains(UInt8(ascii: ":")) {
                throw Unreadable(description: "an address of version 6 stands in brackets, as in [::1]:8080")
            }
            throw Unreadable(
                description: "'\(shortened(String(host)))' is no address in numbers, and names are not looked up")
        }
        guard !port.isEmpty, port.utf8.allSatisfy(isDigit), let port = UInt16(port) else {
            throw Unreadable(description: "'\(shortened(String(port)))' is no port from 1 to 65535")
        }
        guard port > 0 else { throw Unreadable(description: "port 0 is any that is free, and nobody would know which") }
        return .internet(host: number, port: port)
    }

    private static func noHost(_ port: some StringProtocol) -> Unreadable {
        let port = shortened(String(port))
        return Unreadable(
            description:
                "say on which address: 127.0.0.1:\(port) for this machine alone, 0.0.0.0:\(port) or [::]:\(port) for all"
        )
    }

    private static func canonical(_ host: String, family: Int32) -> String? {
        withUnsafeTemporaryAllocation(byteCount: MemoryLayout<in6_addr>.size, alignment: 8) { address in
            guard let base = address.baseAddress, inet_pton(family, host, base) == 1 else { return nil }
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
                guard let start = text.baseAddress else { return nil }
                return inet_ntop(family, base, start, socklen_t(text.count)).map { String(cString: $0) }
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
