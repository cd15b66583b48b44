import Glibc
import Testing

extension Daemon {
    /// Puts a text in place of the configuration, which is all that happens. At once, as editors do it: a signal of before may have the
    /// daemon read it in any moment, and a file that is just being written is an empty one, which removes every service.
    func edit(_ configuration: String) throws {
        let written = try folder.write("supd.toml.new", configuration)
        guard rename(written, folder.path("supd.toml")) == 0 else { throw Failure("rename \(written): \(errno)") }
    }

    /// `supctl apply` of this configuration.
    @discardableResult
    func apply(_ configuration: String) async throws -> Output {
        try edit(configuration)
        return try await supctl("apply")
    }

    /// `supctl apply` of this configuration, which has to come to something.
    func applies(
        _ configuration: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let output = try await apply(configuration)
        try #require(output.code == 0, "\(output)", sourceLocation: sourceLocation)
    }

    /// SIGHUP, and waits until the daemon has told its service manager that it is dealt with.
    func hangUp() async throws {
        let before = manager.said.all.count
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let signaled = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
        process.signal(SIGHUP)
        // What belongs to an order before it may come late.
        func isItsOwn(_ word: String) -> Bool {
            word.hasPrefix("MONOTONIC_USEC=") && Int(word.dropFirst(15)) ?? 0 >= signaled
        }
        guard try await manager.said.first(from: before, by: .usual, where: isItsOwn) != nil,
            let begun = manager.said.all.lastIndex(where: isItsOwn),
            try await manager.said.first(from: begun, by: .usual, where: { $0 == "READY=1" }) != nil
        else { throw Failure("SIGHUP was not dealt with") }
    }

    /// What tells one run of an instance from another, by its name: pid, attempt and start time. That of what does not run is its state.
    func runs(_ selectors: String...) async throws -> [String: String] {
        let services = try await connect().call(
            "service.status",
            selectors.isEmpty ? [:] : ["services": .array(selectors.map(JSONValue.string))]
        ).services.array
        return Dictionary(
            uniqueKeysWithValues: services.map { service in
                let run = "\(service.pid.text) \(service.attempt.text) \(service.since.text)"
                return (service.name.string ?? "?", service.state == "RUNNING" ? run : service.state.string ?? "?")
            })
    }
}
