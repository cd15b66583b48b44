import SupdPlugin

/// Greets by order of a client: `supctl call greeter.greet '{"name": "Ada"}'`.
enum Greet {
    static let method = ControlMethod("greet", access: .observe, summary: "Greets whom 'name' says.") { params, _ in
        guard let name = params.objectValue?["name"]?.stringValue else {
            throw ControlMethodError("'name' must be there and be a string")
        }
        return ["greeting": .string("hello, \(name)")]
    }
}
