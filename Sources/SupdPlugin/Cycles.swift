/// A way through a graph that comes back to where it began.
package struct Cycle: Hashable, Sendable {
    /// The places along it, the first one again at the end.
    package let places: [Int]
    /// The edge that closes it, by its place among those of the last place but one.
    package let closingEdge: Int

    /// The place that `closingEdge` leads from.
    package var closingPlace: Int { places[places.count - 2] }
}

/// The cycles of the graph whose place `n` has edges to the places `edges[n]`: one for each edge that leads back onto the
/// way it was reached by, and every cycle has such an edge. They come in the order of the places and of their edges, and no
/// more than `limit` of them.
///
/// Depth first with a stack of its own and not by recursion: how long a chain is, the input decides.
package func cycles(in edges: [[Int]], atMost limit: Int) -> [Cycle] {
    enum Mark { case new, onPath, done }
    var found: [Cycle] = []
    var marks = [Mark](repeating: .new, count: edges.count)
    for start in edges.indices where marks[start] == .new {
        var path: [(place: Int, next: Int)] = [(start, 0)]
        marks[start] = .onPath
        while let (place, next) = path.last {
            guard next < edges[place].count else {
                marks[place] = .done
                path.removeLast()
                continue
            }
            path[path.count - 1].next += 1
            let neighbour = edges[place][next]
            switch marks[neighbour] {
            case .new:
                marks[neighbour] = .onPath
                path.append((neighbour, 0))
            case .onPath:
                guard found.count < limit else { return found }
                let places = path.drop { $0.place != neighbour }.map(\.place)
                found.append(Cycle(places: places + [neighbour], closingEdge: next))
            case .done:
                break
            }
        }
    }
    return found
}
