/// Gathers what is wrong while a configuration is read, so that everything is said at once.
final class FaultCollector {
    private struct Entry: Hashable {
        var place: Place
        var message: String
    }

    private var entries: Set<Entry> = []
    private var files: [String] = []
    /// How many were not kept.
    private var dropped = 0

    /// Whether there are more than will be told one by one, so that no effort need go into wording another.
    var isFull: Bool { entries.count >= ConfigurationLimits.faults }

    /// Makes a file known; its number goes into places.
    func add(file: String) -> Int {
        files.append(file)
        return files.count - 1
    }

    /// The file of a number.
    func file(_ index: Int) -> String { files[index] }

    /// `FILE:LINE:COLUMN`, for a message that points to a second place.
    func description(of place: Place) -> String {
        "\(files[place.file]):\(place.line):\(place.column)"
    }

    /// Notes a fault. The same message at the same place again is one fault: what is wrong in `[defaults]` is seen again
    /// in every service that takes it.
    func add(_ message: String, at place: Place) {
        let entry = Entry(place: place, message: message)
        guard entries.count < ConfigurationLimits.keptFaults || entries.contains(entry) else {
            dropped += 1
            return
        }
        entries.insert(entry)
    }

    /// All that was noted, in order; nil where nothing was. Of many faults only the first are told one by one.
    func faults() -> ConfigurationFaults? {
        guard !entries.isEmpty else { return nil }
        let sorted = entries.sorted { ($0.place, $0.message) < ($1.place, $1.message) }
        var faults = sorted.prefix(ConfigurationLimits.faults).map { entry in
            ConfigurationFault(
                file: files[entry.place.file], line: entry.place.line, column: entry.place.column,
                message: entry.message)
        }
        let rest = sorted.count - faults.count + dropped
        if rest > 0 {
            faults.append(
                ConfigurationFault(file: files[0], line: 0, column: 0, message: "\(rest) more faults are not shown"))
        }
        return ConfigurationFaults(faults: faults)
    }
}
