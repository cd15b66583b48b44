import SupdJSON
import SupdProtocol

/// A reply that is a list, written a few elements at a time as the client reads it: each element says what is true when it is
/// written. `{"tasks":[…]}`, or with members before the list.
struct ListReply {
    let id: RequestID
    /// The list's key.
    let key: StaticString
    let count: Int
    /// Writes members that come before it.
    var head: (inout JSONWriter) -> Void = { _ in }
    /// Writes the element at a place; nothing for one that is not there any more.
    let element: (_ place: Int, inout JSONWriter) -> Void
    private(set) var hasBegun = false
    private var next = 0

    init(
        _ id: RequestID, _ key: StaticString, count: Int, head: @escaping (inout JSONWriter) -> Void = { _ in },
        element: @escaping (_ place: Int, inout JSONWriter) -> Void
    ) {
        self.id = id
        self.key = key
        self.count = count
        self.head = head
        self.element = element
    }

    /// How many elements are written in one go, if they are not longer together than a client may leave unread.
    static let elementsAtOnce = 8

    /// Writes a reply `{"services":[…]}` of one element, where that is known at once.
    static func write(toOne id: RequestID, into writer: inout JSONWriter, element: (inout JSONWriter) -> Void) {
        Reply.beginServices(to: id, into: &writer)
        element(&writer)
        writer.verbatim("]}}\n")
    }

    /// Writes some elements more. True once the reply is whole.
    mutating func write(into writer: inout JSONWriter) -> Bool {
        if !hasBegun {
            hasBegun = true
            Reply.beginResult(to: id, into: &writer)
            writer.beginObject()
            head(&writer)
            writer.key(known: key)
            writer.beginArray()
        }
        let end = min(next + Self.elementsAtOnce, count)
        let limit = writer.count + ProtocolLimits.bytesWaitingToBeWritten
        while next < end, writer.count < limit {
            element(next, &writer)
            next += 1
        }
        guard next == count else { return false }
        writer.verbatim("]}}\n")
        return true
    }
}
