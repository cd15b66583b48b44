import Testing

extension Daemon {
    /// All that status says of the services that `selectors` name, on a connection of its own.
    func services(_ selectors: String...) async throws -> [JSONValue] {
        try await connect().call("service.status", Self.parameters(selectors)).services.array
    }

    /// The living children of the daemon, but for the part of itself that reads and writes files.
    var programs: [Int] {
        ProcessTable.children(of: Int(process.pid)).filter {
            ProcessTable.isAlive($0) && ProcessTable.name(of: $0) != "supd-files"
        }
    }

    /// What status says of one instance.
    func service(_ name: String) async throws -> JSONValue {
        let services = try await services(name)
        guard services.count == 1 else { throw Failure("status of \(name) tells of \(services.count) services") }
        return services[0]
    }

    /// Waits until what status says of an instance fits. Between two looks it waits for the daemon's death.
    @discardableResult
    func service(
        _ name: String, within seconds: Double = Deadline.patience, becomes what: String,
        where fits: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        let deadline = Deadline.seconds(seconds)
        let connection = try connect()
        while true {
            let services = try await connection.call("service.status", Self.parameters([name])).services.array
            if services.count == 1, fits(services[0]) { return services[0] }
            if let ending = try await process.ended(by: deadline.orEarlier(in: 0.01)) {
                throw Failure("supd ended (\(ending)) while \(name) was to become \(what)")
            }
            if deadline.hasPassed {
                throw Failure("\(name) did not become \(what) in \(seconds) s: \(JSONValue.array(services).text)")
            }
        }
    }

    @discardableResult
    func service(_ name: String, within seconds: Double = Deadline.patience, becomes state: String) async throws
        -> JSONValue
    {
        try await service(name, within: seconds, becomes: state) { $0.state.string == state }
    }

    /// An order that waits for its end, and its answer.
    @discardableResult
    func order(_ verb: String, _ selectors: String..., timeout: Double = 20) async throws -> JSONValue {
        var parameters: [String: JSONValue] = ["wait": true, "timeout": .number(timeout)]
        parameters["services"] = .array(selectors.map(JSONValue.string))
        return try await connect().call("service.\(verb)", .object(parameters), within: timeout + 10)
    }

    private static func parameters(_ selectors: [String]) -> JSONValue {
        selectors.isEmpty ? [:] : ["services": .array(selectors.map(JSONValue.string))]
    }
}

extension JSONValue {
    /// The pid that status shows; throws where there is none.
    func requirePID(sourceLocation: SourceLocation = #_sourceLocation) throws -> Int {
        try #require(self.pid.int, "no pid in \(text)", sourceLocation: sourceLocation)
    }
}
