extension JSONValue {
    /// Reads one value and nothing but white space around it.
    ///
    /// Time is linear in the text, memory bounded by it.
    public init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits) throws(JSONParseError) {
        var reader = JSONReader(bytes: bytes, limits: limits)
        self = try reader.document()
    }

    /// Reads one value and nothing but white space around it.
    public init(parsing bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) throws(JSONParseError) {
        try self.init(parsing: UnsafeRawBufferPointer(bytes), limits: limits)
    }

    /// Reads one value and nothing but white space around it.
    public init(parsing bytes: some Collection<UInt8>, limits: JSONLimits) throws(JSONParseError) {
        let result = bytes.withContiguousStorageIfAvailable { buffer in
            Self.result(parsing: UnsafeRawBufferPointer(buffer), limits: limits)
        }
        if let result {
            self = try result.get()
            return
        }
        let copied = ContiguousArray(bytes).withUnsafeBytes { Self.result(parsing: $0, limits: limits) }
        self = try copied.get()
    }

    /// Reads one value and nothing but white space around it; offsets of an error count UTF-8 bytes.
    public init(parsing text: String, limits: JSONLimits) throws(JSONParseError) {
        var text = text
        let result = text.withUTF8 { Self.result(parsing: UnsafeRawBufferPointer($0), limits: limits) }
        self = try result.get()
    }

    private static func result(
        parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits
    ) -> Result<JSONValue, JSONParseError> {
        do throws(JSONParseError) {
            return .success(try JSONValue(parsing: bytes, limits: limits))
        } catch {
            return .failure(error)
        }
    }
}
