import Glibc

/// That no thread could be started.
public struct ThreadFailure: Error {
    /// What pthread_create(3) answered.
    public let number: Int32
}

/// Runs `body` on a new thread, so that it may block.
public func startThread(_ body: @escaping @Sendable () -> Void) throws {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    let error = pthread_create(
        &thread, nil,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    guard error == 0 else {
        box.release()
        throw ThreadFailure(number: error)
    }
    pthread_detach(thread)
}
