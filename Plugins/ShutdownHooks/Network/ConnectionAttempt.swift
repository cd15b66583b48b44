import Glibc
import SupdPlugin

/// One try whether anybody listens at an address.
struct ConnectionAttempt {
    /// How long an address that does not answer at all is waited for.
    static let patience = 20
    /// How long between two looks at a connection that is being made.
    static let step: Duration = .milliseconds(50)

    let address: SocketAddress

    init(to address: SocketAddress) {
        self.address = address
    }

    /// Connects and closes. False where the connection is refused; true where it is accepted, and where nobody has said
    /// anything for a second: a full queue of connections is silent too (listen(2)). Throws where it cannot be told.
    func isAccepted(pause: Pause) async throws -> Bool {
        // Non-blocking, so that a hook that is cancelled does not go on waiting for an address that is silent.
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw failure("socket", errno) }
        defer { close(descriptor) }
        let result = address.withPointer { connect(descriptor, $0, $1) }
        guard result != 0 else { return !SocketAddress.isSelfConnected(descriptor) }
        switch errno {
        case ECONNREFUSED: return false
        case EINPROGRESS: break
        case let error: throw failure("connect", error)
        }
        for _ in 0..<Self.patience {
            var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&state, 1, 0) > 0 { return try isConnected(descriptor) }
            try await pause.wait(Self.step)
        }
        return true
    }

    private func isConnected(_ descriptor: Int32) throws -> Bool {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 else {
            throw failure("getsockopt", errno)
        }
        switch error {
        case 0: return !SocketAddress.isSelfConnected(descriptor)
        case ECONNREFUSED: return false
        // Accepted by a listener that was closed at once: the next try tells.
        case ECONNRESET, ETIMEDOUT: return true
        default: throw failure("connect", error)
        }
    }

    private func failure(_ call: String, _ error: Int32) -> HookFailure {
        HookFailure("\(call) to \(address): \(ErrorNumber(error))")
    }
}
