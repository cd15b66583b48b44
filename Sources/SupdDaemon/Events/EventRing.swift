import DequeModule
import SupdConfiguration
import SupdPlugin
import SupdProtocol

/// The last events, numbered from 1 on: what is told of one is what is here, whoever reads it when.
struct EventRing {
    /// An event, and what selectors find it by.
    struct Entry {
        let event: Event
        let subject: EventSubject
    }

    private var entries = Deque<Entry>()
    /// The number of the last event; 0 before the first.
    private(set) var last: UInt64 = 0
    /// Whether an event has come since this was last asked.
    private var hasNews = false

    /// The number of the oldest event that is here; one above `last` where there is none.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    /// An event from `first` to `last`.
    subscript(number: UInt64) -> Entry { entries[Int(number - first)] }

    mutating func append(_ event: Event, about subject: EventSubject) {
        if entries.count == ProtocolLimits.rememberedEvents { entries.removeFirst() }
        entries.append(Entry(event: event, subject: subject))
        last += 1
        hasNews = true
    }

    mutating func takeNews() -> Bool {
        defer { hasNews = false }
        return hasNews
    }
}

/// What an event is about.
enum EventSubject {
    /// The daemon as a whole.
    case daemon
    /// These instances, and perhaps more.
    case instances([Instance], more: Bool)

    /// An instance by what selectors find it by, and with the rules of its own of who may see it.
    struct Instance {
        let name: InstanceName
        let tags: [String]
        let access: AccessRules?
    }

    /// Whether it is about something that one of `selectors` means. Where that is not known it counts as such.
    func matches(_ selectors: [ServiceSelector]) -> Bool {
        guard case .instances(let instances, let more) = self else { return false }
        return more
            || instances.contains { instance in
                selectors.contains { $0.matches(instance.name, tags: instance.tags) }
            }
    }
}
