import SupdPlugin
import SupdProtocol

/// What to do about a service that could not be started, where that is plain.
enum Advice {
    /// A line each, and each once.
    static func text(_ services: [ServiceStatus]) -> String {
        var lines: [String] = []
        for service in services {
            guard service.state.known != .running, let line = line(service), !lines.contains(line) else { continue }
            lines.append(line)
        }
        return lines.map { "supctl: \(DisplayText.safe($0))\n" }.joined()
    }

    private static func line(_ service: ServiceStatus) -> String? {
        // One that is in the way may be hidden.
        if let block = service.blocked {
            return "'supctl why \(block.by.first ?? service.name)' says what would change it"
        }
        return onStart(of: service)
    }

    /// Of one whose last start has failed; as a part of a sentence.
    static func onStart(of service: ServiceStatus) -> String? {
        switch (service.lastExit?.stage, service.lastExit?.errno) {
        case ("exec", "ENOENT"):
            "correct exec_start of \(service.service), or install what it names; then 'supctl apply' or 'supctl start'"
        case ("exec", "EACCES"):
            "the program of \(service.service), and each folder above it, must let the service's user in: see chmod(1)"
        case ("working_directory", "ENOENT"):
            "make the folder, or correct working_directory of \(service.service); then 'supctl apply' or 'supctl start'"
        case ("environment", "ENOENT"):
            "make the file, or correct environment_files of \(service.service), where '-' before it lets it be absent; "
                + "then 'supctl start'"
        case ("socket", "ENOENT"):
            "make the folder of the socket, or correct sockets of \(service.service); then 'supctl apply' or 'supctl start'"
        case (_, "EADDRINUSE"):
            "another program has that address, and 'ss -lxtunp' names it: end it, or give \(service.service) another in sockets"
        default: nil
        }
    }
}
