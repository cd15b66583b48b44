import SupdConnection
import SupdProtocol

/// Reads processes in as many requests as it takes: one reply to `service.tree` is bounded.
enum TreeReading {
    /// So many instances are named in one request.
    private static let namesAtOnce = 200

    /// The names of some that a reply had no room for, or that could not be looked at.
    static func left(_ trees: [ServiceTree]) -> [String] {
        Array(trees.lazy.filter { $0.processes == nil && $0.more > 0 }.map(\.name).prefix(namesAtOnce))
    }

    /// Takes over what is known of them by now. False where that is nothing more: then it is no use to ask again.
    static func add(_ more: [ServiceTree], to trees: inout [ServiceTree]) -> Bool {
        var hasGrown = false
        for tree in more where tree.processes != nil {
            guard let place = trees.firstIndex(where: { $0.name == tree.name }) else { continue }
            hasGrown = true
            trees[place] = tree
        }
        return hasGrown
    }

    /// Adds what a reply had no room for.
    static func complete(
        _ trees: inout [ServiceTree], _ connection: inout ControlConnection, timeout: Duration?
    ) throws(ClientError) {
        while true {
            let names = left(trees)
            guard !names.isEmpty else { return }
            let more: ServiceTrees
            do throws(ClientError) {
                more = try connection.call(.serviceTree(TreeParams(services: names)), timeout: timeout)
            } catch {
                // One of them is gone by now.
                guard case .refused = error else { throw error }
                return
            }
            guard add(more.services, to: &trees) else { return }
        }
    }
}
