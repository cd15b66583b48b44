import Glibc
import SupdPlugin

/// Writes every event to a file, a line each; or hangs with the first.
struct Recorder: Plugin {
    struct Sink: EventSink {
        let path: String

        func receive(_ event: DaemonEvent, _ context: PluginContext) async throws {
            if path == "hang" { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
            guard let file = fopen(path, "a") else { throw Trouble.Failure(description: "cannot open \(path)") }
            defer { fclose(file) }
            fputs("\(event.number) \(Self.text(event.kind))\n", file)
        }

        private static func text(_ kind: DaemonEvent.Kind) -> String {
            switch kind {
            case .service(let service, let from): "\(service.name) \(from.rawValue)>\(service.state.rawValue)"
            case .health(let service, let from):
                "\(service.name) health \(from.rawValue)>\(service.health?.rawValue ?? "none")"
            case .ready: "ready"
            case .drainBegan(let cause): "drain: \(cause)"
            case .drainPhase(let phase): "phase \(phase)"
            case .drainEnded(let summary): "ended: \(summary)"
            case .resumed: "resumed"
            }
        }
    }

    let name = "recorder"
    let options = [
        OptionDeclaration(
            "file", .text, standard: .text(""), "Where the events go; nowhere where it is empty, and 'hang' hangs.")
    ]

    func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
        let path = options.word("file")
        if !path.isEmpty { activation.eventSink("file", Sink(path: path)) }
    }
}
