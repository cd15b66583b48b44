package import SupdPlugin

/// Where the table of each service begins. It belongs to the files that were read, not to the service: one that says the same may be moved.
package struct ServicePlaces: Sendable {
    private struct Entry {
        var service: ServiceName
        var file: Int32
        var line: Int32
    }

    private var files: [String] = []
    /// In the order of the names, once all were added: there are as many as services, and hardly anybody asks.
    private var entries: [Entry] = []

    /// Of no service.
    package init() {}

    /// The file, by the path it was read from, and the line, from 1; nil of a service that no file has.
    package subscript(service: ServiceName) -> (file: String, line: Int)? {
        entry(of: service).map { (files[Int($0.file)], Int($0.line)) }
    }

    private func entry(of service: ServiceName) -> Entry? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].service < service { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].service == service ? entries[low] : nil
    }

    /// The table of `service`, which was not added before, begins there. Whoever adds many in the order of the files is fastest, and has said
    /// when all were added, by `sort`, before anything is asked.
    mutating func add(_ service: ServiceName, file: String, line: Int) {
        if files.last != file, !files.contains(file) { files.append(file) }
        let index = files.last == file ? files.count - 1 : files.firstIndex(of: file) ?? 0
        entries.append(Entry(service: service, file: Int32(clamping: index), line: Int32(clamping: line)))
    }

    /// All were added.
    mutating func sort() { entries.sort { $0.service < $1.service } }

    /// The same in memory that was taken for it just now, by the names that `services` have.
    func compacted(_ services: [ServiceConfiguration], _ pool: inout CompactionPool) -> ServicePlaces {
        var copy = ServicePlaces()
        copy.files = files.map { pool.text($0) }
        let names = Dictionary(services.map { ($0.name, $0.name) }) { first, _ in first }
        copy.entries = entries.map { entry in
            Entry(service: names[entry.service] ?? entry.service, file: entry.file, line: entry.line)
        }
        return copy
    }
}
