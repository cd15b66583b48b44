import SupdPlugin

/// A plugin with options of its own and a hook, for what the configuration says of both.
struct LoadBalancer: Plugin {
    struct Asks: Probe {
        let path: String

        func probe(_ context: ProbeContext) async throws {}
    }

    struct Pool: LogSink {
        let facility: String

        func write(_ entries: [LogEntry], _ context: PluginContext) async throws {}
    }

    struct Leave: ShutdownHook {
        func run(_ context: HookContext) async throws {}
    }

    let name = "load-balancer"
    let options = [
        OptionDeclaration("pool", .text, standard: .text("main"), "The pool that the services are in."),
        OptionDeclaration("first_port", .integer(1...65_535), standard: .integer(8000), "The lowest port."),
        OptionDeclaration("last_port", .integer(1...65_535), standard: .integer(9000), "The highest port."),
        OptionDeclaration(
            "backends",
            .tables([
                OptionDeclaration("service", .service, standard: nil, "Who serves."),
                OptionDeclaration("share", .integer(0...100), standard: .integer(0), "Its part of the traffic."),
            ]), standard: .tables([]), "Where the traffic goes."),
        OptionDeclaration("certificate", .path, standard: .text(""), "What it shows to clients."),
    ]

    func register(in registrar: inout PluginRegistrar) {
        let weight = OptionDeclaration("weight", .number(0...1), standard: nil, "What is left of the traffic.")
        registrar.shutdownHook("leave-pool", options: [weight]) { (_) throws(OptionError) in Leave() }
        let facility = OptionDeclaration(
            "facility", .text, standard: .text("daemon"), "What the lines are marked with.")
        registrar.logSink("pool", options: [facility]) { (options) throws(OptionError) in
            Pool(facility: options.word("facility"))
        }
        let path = OptionDeclaration("path", .text, standard: nil, "What is asked for.")
        registrar.readinessProbe("asks", options: [path]) { (options) throws(OptionError) in
            Asks(path: options.word("path"))
        }
        registrar.healthProbe("asks", options: [path]) { (options) throws(OptionError) in
            Asks(path: options.word("path"))
        }
    }

    func validate(_ options: PluginOptions) throws(OptionError) {
        guard options.integer("first_port") <= options.integer("last_port") else {
            throw OptionError(option: "last_port", message: "must not be below 'first_port'")
        }
        let shares = options.tables("backends").map { $0.integer("share") }
        let none = shares.indices.filter { shares[$0] == 0 }.map {
            OptionError(option: "backends", item: .init($0, key: "share"), message: "must be over 0")
        }
        if let error = OptionError(none) { throw error }
    }
}
