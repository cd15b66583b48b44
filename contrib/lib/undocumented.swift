// Names every public symbol without a doc comment, for contrib/docs: `swift undocumented.swift GRAPH…`, where each GRAPH is
// what swift-symbolgraph-extract wrote of a module. Exit code 1 where there is one.
//
// Exempt is what conformances bring: the extraction skips their synthesized members, and a witness without a comment
// (`description`) has that of its requirement.
import Foundation

struct SymbolGraph: Decodable {
    struct Symbol: Decodable {
        struct Comment: Decodable {}
        struct Location: Decodable {
            struct Position: Decodable { var line: Int }
            var uri: String
            var position: Position
        }

        var pathComponents: [String]
        var docComment: Comment?
        var location: Location?
    }

    struct Module: Decodable { var name: String }

    var module: Module
    var symbols: [Symbol]
}

var isComplete = true
for path in CommandLine.arguments.dropFirst() {
    let graph = try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    for symbol in graph.symbols where symbol.docComment == nil {
        isComplete = false
        let name = symbol.pathComponents.joined(separator: ".")
        let place = symbol.location.map { location in
            "\(URL(string: location.uri)?.path ?? location.uri):\(location.position.line + 1): "
        }
        print(
            "\(place ?? "")'\(name)' of \(graph.module.name) is public and has no documentation: "
                + "say in a comment of /// what it is")
    }
}
exit(isComplete ? 0 : 1)
