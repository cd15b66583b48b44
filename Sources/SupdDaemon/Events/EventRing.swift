import DequeModule
import SupdConfiguration
import SupdEngine
import SupdJSON
import SupdPlugin
import SupdProtocol

/// The last events, numbered from 1 on: what is told of one is what is here, whoever reads it when.
final class EventRing {
    /// An event, and what selectors find it by.
    struct Entry {
        let kept: KeptEvent
        let subject: EventSubject

        var event: Event { kept.event(of: subject.name) }
    }

    private var entries = Deque<Entry>()
    /// How many instances the orders among them are for beside those that they name.
    private var unnamed = 0
    /// The number of the last event; 0 before the first.
    private(set) var last: UInt64 = 0
    /// Whether an event has come since this was last asked.
    private var hasNews = false
    /// The notices that were written last, each in the place of its number; empty as long as nobody is told of any.
    private var notices: [(number: UInt64, bytes: [UInt8])?] = []

    /// How many notices are kept, and how long one is at most, in bytes.
    private static let noticePlaces = 32
    private static let longestNotice = 1024

    /// The number of the oldest event that is here; one above `last` where there is none.
    var first: UInt64 { last - UInt64(entries.count) + 1 }

    /// An event from `first` to `last`.
    subscript(number: UInt64) -> Entry { entries[Int(number - first)] }

    /// Adds an event, and answers it as it is remembered.
    @discardableResult
    func append(_ content: KeptEvent.Content, at time: WallTime, about subject: EventSubject) -> KeptEvent {
        unnamed += subject.unnamed.count
        while entries.count >= ProtocolLimits.rememberedEvents
            || (unnamed > ProtocolLimits.rememberedInstances && !entries.isEmpty)
        {
            unnamed -= entries.removeFirst().subject.unnamed.count
        }
        last += 1
        let kept = KeptEvent(content, time: time, at: last)
        entries.append(Entry(kept: kept, subject: subject))
        hasNews = true
        return kept
    }

    /// Writes the notice of an event that is here. It is the same for all who see the whole of it, and so is made once, however many do.
    func writeNotice(of number: UInt64, into writer: inout JSONWriter) {
        if notices.isEmpty { notices = Array(repeating: nil, count: Self.noticePlaces) }
        let place = Int(number % UInt64(Self.noticePlaces))
        guard let kept = notices[place], kept.number == number else {
            var once = JSONWriter(reservingCapacity: 512)
            Notice.event(EventNotice(sequence: number, content: .event(self[number].event))).encode(into: &once)
            let bytes = once.bytes
            if bytes.count <= Self.longestNotice { notices[place] = (number, bytes) }
            return Self.put(bytes, into: &writer)
        }
        Self.put(kept.bytes, into: &writer)
    }

    private static func put(_ notice: [UInt8], into writer: inout JSONWriter) {
        writer.value(written: notice)
        writer.endLine()
    }

    func takeNews() -> Bool {
        defer { hasNews = false }
        return hasNews
    }
}

/// What an event is about.
enum EventSubject {
    /// The daemon as a whole.
    case daemon
    /// One instance, as most are.
    case instance(Instance)
    /// These instances, and more that are only known as long as they are there.
    case instances([Instance], unnamed: ArraySlice<InstanceID>)

    /// An instance by what selectors find it by, and with the rules of its own of who may see it.
    struct Instance {
        let name: InstanceName
        let tags: [String]
        let access: AccessRules?
    }

    /// What the one instance was called; empty where it is about any other number.
    var name: String {
        guard case .instance(let instance) = self else { return "" }
        return instance.name.description
    }

    /// Those that it is about and does not name.
    var unnamed: ArraySlice<InstanceID> {
        guard case .instances(_, let unnamed) = self else { return [] }
        return unnamed
    }

    /// Whether it is about the daemon as a whole.
    var isDaemon: Bool {
        guard case .daemon = self else { return false }
        return true
    }

    /// Whether `viewer` may hear of it. What is left of an order to many is found out when it is told.
    func isTold(to viewer: Viewer) -> Bool {
        switch self {
        case .daemon: true
        case .instance(let instance): viewer.sees(instance)
        case .instances(let instances, let unnamed):
            !unnamed.isEmpty || instances.isEmpty || instances.contains(where: viewer.sees)
        }
    }

    /// Whether it is about something that one of `selectors` means. Where that is not known it counts as such.
    func matches(_ selectors: [ServiceSelector]) -> Bool {
        func isMeant(_ instance: Instance) -> Bool {
            selectors.contains { $0.matches(instance.name, tags: instance.tags) }
        }
        switch self {
        case .daemon: return false
        case .instance(let instance): return isMeant(instance)
        case .instances(let instances, let unnamed): return !unnamed.isEmpty || instances.contains(where: isMeant)
        }
    }
}
