import SupdPlugin

/// Reads `resources`: what the control group of each instance is limited to.
struct ResourcesReader {
    let faults: FaultCollector

    /// The limits that are set, in the order of the keys.
    func controls(_ subject: Subject) -> [ResourceControl] {
        guard let reader = TableReader<ResourceKey>(subject, faults: faults) else { return [] }
        return ResourceKey.allCases.compactMap { key in
            let value =
                switch key {
                case .memoryMax, .memoryHigh: reader.read(key, as: .memoryLimit)
                case .cpuWeight, .ioWeight: reader.read(key, as: .weight)
                case .cpuMax: reader.read(key, as: .processorShare)
                case .pidsMax: reader.read(key, as: .processLimit)
                }
            return value.map { ResourceControl(key: key.rawValue, value: $0) }
        }
    }
}

extension Form where Value == String {
    /// What the kernel writes for no limit.
    private static var unlimited: String { "max" }

    private static func isUnlimited(_ value: SourcedValue) -> Bool {
        value.string == unlimited || value.string == "infinity"
    }

    /// Bytes, at least the smallest page there is.
    fileprivate static var memoryLimit: Form {
        .trying("a size like \"512MiB\", a number of bytes, or \"max\"") {
            (value) throws(ByteSize.Unreadable) -> String? in
            guard !isUnlimited(value) else { return unlimited }
            guard let text = value.string ?? value.integer.map(String.init) else { return nil }
            let bytes = try ByteSize.parse(text)
            guard bytes >= 4096 else {
                throw ByteSize.Unreadable(description: "it is under 4096 bytes, and nothing runs with less than a page")
            }
            guard bytes <= UInt64(Int64.max) else { throw ByteSize.Unreadable(description: "it is too large") }
            return String(bytes)
        }
    }

    fileprivate static var weight: Form {
        let number = Form<Int>.integer(1...10_000)
        return .reading(number.expected) { number.read($0).map(String.init) }
    }

    /// Up to the highest number that a process can have (proc(5), /proc/sys/kernel/pid_max).
    fileprivate static var processLimit: Form {
        .converting("a whole number from 1 to 4194304, or \"max\"") { value in
            guard !isUnlimited(value) else { return unlimited }
            return value.integer.flatMap { (1...4_194_304).contains($0) ? String($0) : nil }
        }
    }

    /// A share of a processor's time as a quota in a period, both in microseconds. The kernel takes no quota under a
    /// millisecond, which is 1 %.
    fileprivate static var processorShare: Form {
        .converting("a whole share of a processor's time from \"1%\" to \"1000000%\", or \"max\"") { value in
            guard !isUnlimited(value) else { return unlimited }
            guard let text = value.string, text.hasSuffix("%") else { return nil }
            let digits = text.utf8.dropLast()
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }), let percent = Int(Substring(digits)),
                (1...1_000_000).contains(percent)
            else { return nil }
            return "\(percent * 1_000) 100000"
        }
    }
}
