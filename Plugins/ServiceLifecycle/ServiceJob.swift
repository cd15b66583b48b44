#if ServiceLifecycle
    import ServiceLifecycle
    import SupdPlugin

    /// One service as a job.
    struct ServiceJob: Job {
        let entry: LifecycleServices.Entry

        init(_ entry: LifecycleServices.Entry) {
            self.entry = entry
        }

        /// Returns where the service does, and throws what it throws.
        func run(_ context: JobContext) async throws {
            let service = ServiceGroupConfiguration.ServiceConfiguration(
                service: entry.make(), successTerminationBehavior: .ignore, serviceName: entry.name)
            // A group traps no signal unless it is told which.
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(services: [service], logger: context.logger))
            // Cancelled at the end of this scope, where it waits no more.
            async let _: Void = Self.shutDown(group, at: context.shutdown)
            try await group.run()
            if !context.shutdown.isGiven, !Task.isCancelled {
                context.logger.notice("service '\(entry.name)' has returned by itself and is not run again")
            }
        }

        private static func shutDown(_ group: ServiceGroup, at notice: ShutdownNotice) async {
            await notice.wait()
            // A cancellation ends the wait too.
            if notice.isGiven { await group.triggerGracefulShutdown() }
        }
    }
#endif
