import CAcceptance
import Glibc

/// The service manager's end of sd_notify(3): what a daemon said, variable by variable, in its order.
final class NotifySocket: Sendable {
    let path: String
    let said = Facts<String>()
    private let reader: Task<Void, Never>

    init(path: String) throws {
        self.path = path
        let socket = try Descriptor(answer: acceptance_bind_datagram(path), of: "binding \(path)")
        let said = said
        reader = Task(executorPreference: OwnThreads.shared) {
            while !Task.isCancelled {
                guard let isReady = try? await socket.becomesReadable(by: .seconds(60)) else { return }
                guard isReady, case .bytes(let bytes)? = try? socket.readChunk() else { continue }
                for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") { said.record(String(line)) }
            }
        }
    }

    deinit {
        reader.cancel()
    }

    /// The last value of a variable.
    func last(_ name: String) -> String? {
        said.all.last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
}
