package import SupdPlugin

/// Where the table of each service begins. It belongs to the files that were read, not to the service: one that says the same may be moved.
package struct ServicePlaces: Sendable {
    private struct Entry {
        var file: Int32
        var line: Int32
    }

    private var files: [String] = []
    private var entries: [ServiceName: Entry] = [:]

    /// Of no service.
    package init() {}

    /// The file, by the path it was read from, and the line, from 1; nil of a service that no file has.
    package subscript(service: ServiceName) -> (file: String, line: Int)? {
        entries[service].map { (files[Int($0.file)], Int($0.line)) }
    }

    /// The table of `service` begins there. Whoever adds many in the order of the files is fastest.
    mutating func add(_ service: ServiceName, file: String, line: Int) {
        if files.last != file, !files.contains(file) { files.append(file) }
        let index = files.last == file ? files.count - 1 : files.firstIndex(of: file) ?? 0
        entries[service] = Entry(file: Int32(clamping: index), line: Int32(clamping: line))
    }

    /// The same in memory that was taken for it just now, by the names that `services` have.
    func compacted(_ services: [ServiceConfiguration], _ pool: inout CompactionPool) -> ServicePlaces {
        var copy = ServicePlaces()
        copy.files = files.map { pool.text($0) }
        copy.entries.reserveCapacity(entries.count)
        for service in services { copy.entries[service.name] = entries[service.name] }
        return copy
    }
}
