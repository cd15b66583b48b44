import Glibc

/// Runs `body` on a thread of its own: Swift's pool has as many as there are processors, and tests that wait for one
/// another would take them all.
func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work(body))
    let result = pthread_create(
        &thread, nil,
        { pointer in
            guard let pointer else { return nil }
            Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
            return nil
        }, work.toOpaque())
    if result == 0 {
        pthread_detach(thread)
    } else {
        work.release()
    }
}
