import SupdPlugin
import SupdHost
import SupdJSON

/// Whose line it is and when it came, for the text sinks.
struct LineLabel {
    /// The instance.
    var instance: InstanceName
    /// Its name.
    var name: String
    /// The main process of the attempt.
    var pid: Int32
    /// Which output it came from.
    var stream: LogStream
    /// When it was read.
    var time: WallTime
}

/// How lines look on standard error.
enum TextShape: Hashable, Sendable {
    /// `TIME name[pid]: line` and `TIME level message key=value`.
    case text
    /// One JSON object a line.
    case json

    /// What the lines of one read begin with.
    func prefix(_ label: LineLabel) -> [UInt8] {
        guard self == .text else { return [] }
        var prefix: [UInt8] = []
        TimeText.append(label.time, to: &prefix)
        prefix.append(contentsOf: " \(label.name)[\(label.pid)]".utf8)
        prefix.append(contentsOf: (label.stream == .error ? " err: " : ": ").utf8)
        return prefix
    }

    /// Appends one line of a service, `prefix` being that of its label. A piece of a line that goes on ends with ` [...]`,
    /// one on standard error of its own is marked `err`. Its level stands before it, where it is not `info`.
    func append(_ line: LineRun.Line, label: LineLabel, prefix: [UInt8], to bytes: inout [UInt8]) {
        switch self {
        case .text:
            bytes.append(contentsOf: prefix)
            bytes.append(contentsOf: line.mark.utf8)
            SafeText.append(line.bytes, to: &bytes)
            if line.ending == .cut { bytes.append(contentsOf: LineRun.Line.cutMark.utf8) }
            bytes.append(newline)
        case .json:
            var writer = JSONWriter(reservingCapacity: line.bytes.count + 128)
            writer.beginObject()
            writer.key("time")
            writer.string(TimeText.format(label.time))
            writer.key("service")
            writer.string(label.instance.service.rawValue)
            writer.key("instance")
            writer.string(label.name)
            writer.key("pid")
            writer.integer(Int(label.pid))
            writer.key("stream")
            writer.string(label.stream.rawValue)
            writer.key("line")
            writer.string(String(decoding: line.bytes, as: UTF8.self))
            if let level = line.level {
                writer.key("priority")
                writer.integer(level.number)
            }
            if line.ending == .cut {
                writer.key("cut")
                writer.bool(true)
            }
            if line.isContinuation {
                writer.key("continued")
                writer.bool(true)
            }
            writer.endObject()
            writer.endLine()
            writer.withBytes { bytes.append(contentsOf: $0) }
        }
    }

    /// Appends one line of the daemon's own.
    func append(
        _ level: LogLevel, _ message: String, _ fields: [(key: String, value: String)], time: WallTime,
        to bytes: inout [UInt8]
    ) {
        switch self {
        case .text:
            TimeText.append(time, to: &bytes)
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: level.rawValue.utf8)
            bytes.append(UInt8(ascii: " "))
            SafeText.append(message, to: &bytes)
            for field in fields {
                bytes.append(UInt8(ascii: " "))
                SafeText.append(field.key, to: &bytes)
                bytes.append(UInt8(ascii: "="))
                Self.appendValue(field.value, to: &bytes)
            }
            bytes.append(newline)
        case .json:
            var writer = JSONWriter(reservingCapacity: 256)
            writer.beginObject()
            writer.key("time")
            writer.string(TimeText.format(time))
            writer.key("level")
            writer.string(level.rawValue)
            writer.key("message")
            writer.string(message)
            for field in fields {
                writer.key(field.key)
                writer.string(field.value)
            }
            writer.endObject()
            writer.endLine()
            writer.withBytes { bytes.append(contentsOf: $0) }
        }
    }

    /// A value stands in quotes where it is empty or has a blank, a quote or an equals sign.
    private static func appendValue(_ value: String, to bytes: inout [UInt8]) {
        let isPlain = !value.isEmpty && !value.utf8.contains { " \"=".utf8.contains($0) }
        guard !isPlain else { return SafeText.append(value, to: &bytes) }
        bytes.append(UInt8(ascii: "\""))
        for part in value.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 { bytes.append(contentsOf: "\\\"".utf8) }
            SafeText.append(String(part.element), to: &bytes)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
