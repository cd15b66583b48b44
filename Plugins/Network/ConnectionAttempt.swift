import Glibc
import SupdPlugin

/// Why it could not be told whether anybody listens, as a sentence.
package struct ConnectionFailure: Error, Hashable, CustomStringConvertible {
    /// The call, the address and the error.
    package let description: String
}

/// One try whether anybody listens at an address.
package struct ConnectionAttempt {
    /// What came of it.
    package enum Outcome: Hashable, Sendable {
        /// Somebody listens.
        case accepted
        /// Nobody does.
        case refused
        /// Nothing was said for a second: a full queue of connections is silent too (listen(2)).
        case silent
    }

    /// How long an address that does not answer at all is waited for, in steps.
    private static let patience = 20
    /// How long between two looks at a connection that is being made.
    private static let step: Duration = .milliseconds(50)

    private let address: SocketAddress

    /// A try of `address`.
    package init(to address: SocketAddress) {
        self.address = address
    }

    /// Connects and closes. Throws `ConnectionFailure` where it cannot be told, and where the task is cancelled.
    package func outcome(pause: Pause) async throws -> Outcome {
        // Non-blocking, so that who is cancelled does not go on waiting for an address that is silent.
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        guard descriptor >= 0 else { throw failure("socket", errno) }
        defer { close(descriptor) }
        let result = address.withPointer { connect(descriptor, $0, $1) }
        guard result != 0 else { return Self.peerOutcome(descriptor) }
        switch errno {
        case ECONNREFUSED: return .refused
        case EINPROGRESS: break
        case let error: throw failure("connect", error)
        }
        for _ in 0..<Self.patience {
            var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if poll(&state, 1, 0) > 0 { return try connected(descriptor) }
            try await pause.wait(Self.step)
        }
        return .silent
    }

    private static func peerOutcome(_ descriptor: Int32) -> Outcome {
        SocketAddress.isSelfConnected(descriptor) ? .refused : .accepted
    }

    private func connected(_ descriptor: Int32) throws -> Outcome {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) == 0 else {
            throw failure("getsockopt", errno)
        }
        switch error {
        case 0: return Self.peerOutcome(descriptor)
        case ECONNREFUSED: return .refused
        // Accepted by a listener that was closed at once: the next try tells.
        case ECONNRESET, ETIMEDOUT: return .accepted
        default: throw failure("connect", error)
        }
    }

    private func failure(_ call: String, _ error: Int32) -> ConnectionFailure {
        ConnectionFailure(description: "\(call) to \(address): \(ErrorNumber(error))")
    }
}
