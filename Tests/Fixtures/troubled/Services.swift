#if ServiceLifecycle
    import Glibc
    import LifecycleServices
    import ServiceLifecycle

    /// Services of swift-service-lifecycle: those that the variable TROUBLED_SERVICES names.
    enum TroubledService: String, Service, CaseIterable {
        case graceful, stubborn, deaf, brief, failing

        static var plugin: LifecycleServices {
            let words = getenv("TROUBLED_SERVICES").map { String(cString: $0) } ?? ""
            let asked = words.split(separator: " ").compactMap { TroubledService(rawValue: String($0)) }
            return LifecycleServices(asked.map { service in .init(service.rawValue) { service } })
        }

        func run() async throws {
            say("runs")
            switch self {
            case .graceful:
                try await gracefulShutdown()
                say("shuts down gracefully")
            case .stubborn:
                await withGracefulShutdownHandler {
                    let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
                    for await _ in stream {}
                    continuation.finish()
                } onGracefulShutdown: {
                    say("does not care")
                }
                say("was cancelled")
            case .deaf: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            case .brief: break
            case .failing: throw Trouble.Failure(description: "the service failed")
            }
        }

        /// A line on standard error, beside the daemon's log.
        private func say(_ what: String) {
            let line = "service \(rawValue) \(what)\n"
            write(STDERR_FILENO, line, line.utf8.count)
        }
    }
#endif
