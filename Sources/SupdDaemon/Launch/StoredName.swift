/// The name under which the service manager keeps a descriptor for the next daemon (`FDNAME=`): what it is, and whose.
///
/// `supd/socket/7/web/http` is a socket of a service's; `supd/stored/8/web@2/1000/label` is what that instance, which runs as the user
/// 1000, has had kept; `supd/unpolled/…` is the same, and stays whatever becomes of its other end. The number makes a name only one has: the
/// manager removes by names. A colon, which it would take for the end of the name, is a percent sign, which no service has in its name.
struct StoredName: Hashable {
    enum Kind: Hashable {
        /// One that supd listens on for a service.
        case socket(name: String)
        /// One that an instance has sent.
        case descriptor(user: UInt32?, label: String, polls: Bool)
    }

    /// The longest that the manager takes (systemd.socket(5), FileDescriptorName=).
    private static let longest = 255

    var kind: Kind
    /// The service or the instance.
    var owner: String
    var number: UInt64

    init(_ kind: Kind, of owner: String, number: UInt64) {
        self.kind = kind
        self.owner = owner
        self.number = number
    }

    /// Nil where supd has not given the name.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "supd", let number = UInt64(parts[2]) else { return nil }
        (self.number, owner) = (number, parts[3].replacing("%", with: ":"))
        switch parts[1] {
        case "socket": kind = .socket(name: parts[4])
        case "stored", "unpolled":
            let last = parts[4].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard last.count == 2, last[0] == "-" || UInt32(last[0]) != nil else { return nil }
            kind = .descriptor(user: UInt32(last[0]), label: last[1], polls: parts[1] == "stored")
        default: return nil
        }
    }

    /// Whether it is a service's socket.
    var isSocket: Bool { if case .socket = kind { true } else { false } }

    /// Nil where it is too long for the manager.
    var text: String? {
        let owner = owner.replacing(":", with: "%")
        let text =
            switch kind {
            case .socket(let name): "supd/socket/\(number)/\(owner)/\(name.replacing(":", with: "%"))"
            case .descriptor(let user, let label, let polls):
                "supd/\(polls ? "stored" : "unpolled")/\(number)/\(owner)/\(user.map(String.init) ?? "-")/\(label)"
            }
        return text.utf8.count <= Self.longest ? text : nil
    }
}
