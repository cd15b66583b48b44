#if ServiceLifecycle
    public import ServiceLifecycle
    public import SupdPlugin

    /// Runs services of swift-service-lifecycle inside the daemon, each as a job.
    ///
    /// A drain's phase `jobs` is their graceful shutdown; at the end of its budget they are cancelled, and one that has not
    /// returned three seconds later is abandoned by name. They get no signals: those are the daemon's.
    public struct LifecycleServices: Plugin {
        /// A service under a name.
        public struct Entry: Sendable {
            /// The job's name, for the log, `supctl tasks` and the report.
            public var name: String
            /// Makes the service.
            public var make: @Sendable () -> any Service

            /// The service that `make` makes, under a name that no other has: the second of a name is left out. Made when
            /// the daemon starts, and anew after `supctl resume`, because few services can run twice.
            public init(_ name: String, _ make: @escaping @Sendable () -> any Service) {
                self.name = name
                self.make = make
            }
        }

        /// `lifecycle-services`.
        public let name = "lifecycle-services"
        /// That of supd.
        public let version = PluginInterface.release
        /// What it does.
        public let summary = "Runs services of swift-service-lifecycle as jobs."

        private let services: [Entry]

        /// The plugin that runs `services`. None of them waits for another.
        public init(_ services: [Entry]) { self.services = services }

        /// Brings a job for each service.
        public func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
            for service in services { activation.job(service.name, ServiceJob(service)) }
        }
    }
#endif
