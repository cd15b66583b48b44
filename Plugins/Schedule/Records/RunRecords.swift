import SupdPlugin

/// Until when each schedule's runs are dealt with, as a daemon leaves it to the next one.
struct RunRecords: Hashable, Sendable {
    /// The version of the format.
    static let version: Int64 = 1
    /// The most that is read: 1,000 schedules take 100 KB.
    static let maximumBytes = 1 << 18

    /// By the schedules' names.
    var times = [String: WallTime]()

    init() {}

    /// What `bytes` say: `{"version":1,"schedules":{"backup":"2026-11-22T03:30:00.000Z"}}`.
    init(_ bytes: [UInt8]) throws(RecordError) {
        let limits = JSONLimits(maximumBytes: Self.maximumBytes, maximumDepth: 4)
        let value: JSONValue
        do throws(JSONParseError) {
            value = try JSONValue(parsing: bytes, limits: limits)
        } catch {
            throw RecordError("\(error)")
        }
        guard let object = value.objectValue else { throw RecordError("it is \(value.kindName) and no object") }
        guard object["version"] == .integer(Self.version) else {
            throw RecordError("its version is not \(Self.version), which is all that this supd knows")
        }
        guard let members = object["schedules"]?.objectValue?.members else {
            throw RecordError("it has no object 'schedules'")
        }
        for member in members {
            guard let time = member.value.stringValue.flatMap(TimeText.parse) else {
                throw RecordError("'\(member.key)' has no time")
            }
            times[member.key] = time
        }
    }

    /// What `init` reads. Ends with a line feed.
    var bytes: [UInt8] {
        var schedules = JSONObject()
        for (name, time) in times.sorted(by: { $0.key < $1.key }) { schedules[name] = .string(time.description) }
        var writer = JSONWriter(reservingCapacity: 512)
        writer.value(["version": .integer(Self.version), "schedules": .object(schedules)])
        writer.endLine()
        return writer.bytes
    }
}

/// Why records are not taken, as half a sentence.
struct RecordError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
