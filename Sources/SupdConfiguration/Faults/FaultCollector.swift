import SupdPlugin

/// Gathers what is wrong while a configuration is read, so that everything is said at once.
final class FaultCollector {
    private struct Entry: Hashable {
        var place: Place
        var message: String
    }

    private var entries: Set<Entry> = []
    private var warned: Set<Entry> = []
    /// How many warnings were not kept.
    private var droppedWarnings = 0
    private var files: [String] = []
    /// How many were not kept.
    private var dropped = 0
    /// The system's error, where the first file could not be read.
    var error: ErrorNumber?

    /// Whether there are more than will be told one by one, so that no effort need go into wording another.
    var isFull: Bool { entries.count >= ConfigurationLimits.faults }

    /// Whether the configuration is refused, as far as is known.
    var hasFaults: Bool { !entries.isEmpty }

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

    /// Notes what does not keep the configuration from being used. `message` says what will happen and what to do, as that of a fault
    /// does, and it is told where there is no fault: what is judged together with something wrong may be wrong itself.
    func warn(_ message: String, at place: Place) {
        let entry = Entry(place: place, message: message)
        guard warned.count < ConfigurationLimits.warnings || warned.contains(entry) else {
            droppedWarnings += 1
            return
        }
        warned.insert(entry)
    }

    /// All faults that were noted, in order; nil where there is none. Of many only the first are told one by one.
    func faults() -> ConfigurationFaults? {
        guard !entries.isEmpty else { return nil }
        return ConfigurationFaults(
            faults: told(entries, dropped: dropped, limit: ConfigurationLimits.faults, as: .error), error: error)
    }

    /// All warnings that were noted, in order.
    func warnings() -> [ConfigurationFault] {
        told(warned, dropped: droppedWarnings, limit: ConfigurationLimits.warnings, as: .warning)
    }

    private func told(
        _ entries: Set<Entry>, dropped: Int, limit: Int, as severity: ConfigurationFault.Severity
    ) -> [ConfigurationFault] {
        let sorted = entries.sorted { ($0.place, $0.message) < ($1.place, $1.message) }
        var told = sorted.prefix(limit).map { entry in
            ConfigurationFault(
                file: files[entry.place.file], line: entry.place.line, column: entry.place.column,
                message: entry.message, severity: severity)
        }
        let rest = sorted.count - told.count + dropped
        if rest > 0 {
            let what = severity == .error ? "faults" : "warnings"
            told.append(
                ConfigurationFault(
                    file: files[0], line: 0, column: 0, message: "\(rest) more \(what) are not shown",
                    severity: severity))
        }
        return told
    }
}
