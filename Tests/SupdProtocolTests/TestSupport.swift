import SupdJSON
import SupdPlugin
import SupdProtocol

/// The instance of a name that is known to be right.
func instance(_ service: String, _ index: Int? = nil) -> InstanceName {
    guard let name = ServiceName(service) else { preconditionFailure("\(service) is no service name") }
    return InstanceName(service: name, index: index)
}

/// What `value` is written as.
func text(_ value: some WireValue) -> String {
    var writer = JSONWriter()
    value.encode(into: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// A JSON value from text.
func json(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: text, limits: .document)
}

/// `value` written and read again.
func roundTrip<T: WireValue>(_ value: T) throws -> T {
    try T(from: json(text(value)))
}

/// The line decoded as a request.
func decode(_ line: String) -> Result<Request, RejectedRequest> {
    Request.decode(Array(line.utf8))
}

/// Why the line is refused; nil where it is not.
func rejection(_ line: String) -> RejectedRequest? {
    guard case .failure(let rejected) = decode(line) else { return nil }
    return rejected
}

extension Result {
    var value: Success? { try? get() }
}
