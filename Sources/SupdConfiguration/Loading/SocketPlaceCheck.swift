import SupdPlugin

/// Looks for sockets that cannot be made where they are to be: their folder is not there, or something else stands in their place.
struct SocketPlaceCheck {
    private let sources: any ConfigurationSources
    private let faults: FaultCollector
    private var told: Set<String> = []

    /// Warns, once a folder, of supd's own socket, whose place is `control` where the configuration names one, and of those of `services`.
    /// Another service may make the folder, or take away what is there, so it is no fault.
    static func run(
        services: [ServiceDraft], control: Located<String>?, sources: any ConfigurationSources, faults: FaultCollector
    ) {
        var check = SocketPlaceCheck(sources: sources, faults: faults)
        if let control, control.value.hasPrefix("/") { check.look(atControl: control) }
        // That one supd makes itself.
        let own = (control?.value ?? sources.standardSocket).map { FilePath.normalized(FilePath.folder(of: $0)) }
        for draft in services {
            for (socket, place) in zip(draft.configuration.sockets, draft.socketPlaces) {
                guard case .path(let path) = socket.address else { continue }
                check.look(
                    at: path, "'\(draft.name)' cannot be started unless systemd hands the socket over", "listen",
                    isMade: FilePath.normalized(FilePath.folder(of: path)) == own, at: place)
            }
        }
    }

    private init(sources: any ConfigurationSources, faults: FaultCollector) {
        self.sources = sources
        self.faults = faults
    }

    private mutating func look(atControl socket: Located<String>) {
        let folder = FilePath.folder(of: socket.value)
        let consequence = "supd cannot be started unless --socket names another"
        if sources.isFolder(folder) == false {
            // Its last folder is made, and none above that.
            look(at: folder, consequence, "socket", isMade: false, at: socket.place)
        } else {
            look(at: socket.value, consequence, "socket", isMade: true, at: socket.place)
        }
    }

    private mutating func look(
        at path: String, _ consequence: @autoclosure () -> String, _ key: String, isMade: @autoclosure () -> Bool,
        at place: Place
    ) {
        let folder = FilePath.folder(of: path)
        if sources.isFolder(folder) == false {
            guard !isMade(), told.insert(folder).inserted else { return }
            faults.warn(
                "there is no folder \(folder), so \(consequence()): make it, or correct '\(key)'", at: place)
        } else if sources.isInTheWay(path) == true {
            faults.warn(
                "what is at \(path) is no socket, and is not removed to make place for one, so \(consequence()): remove it, or "
                    + "correct '\(key)'", at: place)
        }
    }
}
