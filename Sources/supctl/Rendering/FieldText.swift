import SupdJSON

/// What `-o` prints: a line an entry of the daemon's answer, its columns with a tab between them, for programs. No heading, no colour, nothing
/// cut; what does not apply is `-`, and what could be taken for a tab or the end of a line is escaped.
enum FieldText {
    static func text(_ columns: [Field], of result: JSONValue) -> String {
        entries(of: result).map { entry in
            columns.map { text(value(of: $0, in: entry)) }.joined(separator: "\t") + "\n"
        }.joined()
    }

    /// The entries of the one list that the result is: instances, tasks, or the processes of instances.
    private static func entries(of result: JSONValue) -> [[JSONObject]] {
        let lists = result.objectValue?.members.lazy.compactMap(\.value.arrayValue)
        return (lists?.first ?? []).compactMap(\.objectValue).flatMap { entry -> [[JSONObject]] in
            guard let listed = entry["processes"] else { return [[entry]] }
            guard let processes = listed.arrayValue else {
                // They are unknown: that is a line, too, which has no more than whose they are.
                var unknown = JSONObject()
                unknown["name"] = entry["name"]
                return [[unknown]]
            }
            // What a process does not say itself is its instance's.
            return processes.compactMap(\.objectValue).map { [$0, entry] }
        }
    }

    private static func value(of field: Field, in entry: [JSONObject]) -> JSONValue? {
        for object in entry {
            var value: JSONValue? = .object(object)
            for key in field.path { value = value?.objectValue?[key] }
            if let value { return value }
        }
        return nil
    }

    private static func text(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: "-"
        case .string(let text): text.isEmpty ? "-" : DisplayText.safe(text)
        case .array(let values): values.isEmpty ? "-" : values.map { text($0) }.joined(separator: ",")
        case let value?: value.description
        }
    }
}
