import SupdPlugin

/// A plugin with options of its own and a hook, for what the configuration says of both.
struct LoadBalancer: Plugin {
    struct Leave: ShutdownHook {
        func run(_ context: HookContext) async throws {}
    }

    let name = "load-balancer"
    let options = [
        OptionDeclaration("pool", .text, standard: .text("main"), "The pool that the services are in."),
        OptionDeclaration("first_port", .integer(1...65_535), standard: .integer(8000), "The lowest port."),
        OptionDeclaration("last_port", .integer(1...65_535), standard: .integer(9000), "The highest port."),
    ]

    func register(in registrar: inout PluginRegistrar) {
        let weight = OptionDeclaration("weight", .number(0...1), standard: nil, "What is left of the traffic.")
        registrar.shutdownHook("leave-pool", options: [weight]) { (_) throws(OptionError) in Leave() }
    }

    func validate(_ options: PluginOptions) throws(OptionError) {
        guard options.integer("first_port") <= options.integer("last_port") else {
            throw OptionError(option: "last_port", message: "must not be below 'first_port'")
        }
    }
}
