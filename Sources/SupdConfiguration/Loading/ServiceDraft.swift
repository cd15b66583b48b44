import SupdPlugin

/// A service that was read, before its references are followed. A class, as ten checks look at each, and a copy counts up all that it refers to.
final class ServiceDraft {
    let configuration: ServiceConfiguration
    /// Where its table begins.
    let place: Place
    let references: [Reference]
    /// Where `exec_start` stands.
    let commandPlace: Place
    /// Where `instances` stands.
    let instancesPlace: Place?
    /// Where it says how long a stop may take, in its own table or in `[defaults]`; nil where it takes the standard.
    let stopTimePlace: Place?
    /// Where `log.file` stands.
    let logFilePlace: Place?
    /// Where the sockets stand, one place a socket.
    let socketPlaces: [Place]

    /// Its keys, with those of `[defaults]` that apply.
    let table: KnownSettings<ServiceKey>

    init(
        configuration: ServiceConfiguration, place: Place, references: [Reference], commandPlace: Place,
        instancesPlace: Place?, stopTimePlace: Place?, logFilePlace: Place?, socketPlaces: [Place],
        table: KnownSettings<ServiceKey>
    ) {
        self.configuration = configuration
        self.place = place
        self.references = references
        self.commandPlace = commandPlace
        self.instancesPlace = instancesPlace
        self.stopTimePlace = stopTimePlace
        self.logFilePlace = logFilePlace
        self.socketPlaces = socketPlaces
        self.table = table
    }

    var name: ServiceName { configuration.name }

    /// How it is run.
    var conduct: ServiceConduct { _read { yield configuration.conduct } }

    /// Where the value of a key stands, in its own table or in `[defaults]`; nil where it takes the standard.
    func place(of key: ServiceKey) -> Place? { table[key]?.value.place }
}

/// One name in `requires` or its kin.
struct Reference {
    let key: ServiceKey
    let target: ServiceName
    let place: Place
}
