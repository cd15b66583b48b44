import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

/// A later daemon may say words that this version does not have: none of them has a client refuse what else a reply says.
@Suite struct LaterWordsTests {
    private enum Step: Hashable {
        case key(String), index(Int)
    }

    private static let word = "later-word"

    /// Where a value has strings that are no times.
    private func places(_ value: JSONValue, below path: [Step] = []) -> [[Step]] {
        switch value {
        case .string(let text): TimeText.parse(text) == nil ? [path] : []
        case .object(let object): object.members.flatMap { places($0.value, below: path + [.key($0.key)]) }
        case .array(let elements): elements.enumerated().flatMap { places($1, below: path + [.index($0)]) }
        default: []
        }
    }

    private func changed(_ value: JSONValue, at path: ArraySlice<Step>) -> JSONValue {
        var rest = path
        switch (rest.popFirst(), value) {
        case (.key(let key)?, .object(var object)):
            object[key] = object[key].map { changed($0, at: rest) }
            return .object(object)
        case (.index(let index)?, .array(var elements)):
            elements[index] = changed(elements[index], at: rest)
            return .array(elements)
        default: return .string(Self.word)
        }
    }

    /// Each string of `value` is another one, one after the other, and is kept as it came; of those at the same place of several elements one,
    /// and none at the places of `done`. But the level of a line is left out then, the kind of an error is known by its code, and the name of
    /// what is asked about stands there twice.
    private func check<T: WireValue>(_ value: T, _ done: inout Set<[Step]>) throws {
        let written = try json(text(value))
        for place in places(written)
        where done.insert(place.map { if case .index = $0 { .index(0) } else { $0 } }).inserted {
            let other = changed(written, at: place[...])
            let again: T
            do throws(WireError) {
                again = try T(from: other)
            } catch {
                Issue.record("\(error)")
                continue
            }
            guard ![.key("level"), .key("name")].contains(place.last), place.suffix(2) != [.key("data"), .key("kind")]
            else { continue }
            let isKept = text(again).contains(Self.word)
            #expect(isKept, "\(place)")
        }
    }

    private func check(_ value: some WireValue) throws {
        var done: Set<[Step]> = []
        try check(value, &done)
    }

    /// One after the other, as they are long together.
    private func checkEach(_ list: some ServiceEntries) throws {
        var done: Set<[Step]> = []
        for entry in list.services { try check(entry, &done) }
    }

    @Test(arguments: Method.allCases) func aReplyIsReadWithWordsOfALaterDaemon(_ method: Method) throws {
        for result in Samples.results(of: method) {
            if let list = result as? any ServiceEntries { try checkEach(list) } else { try check(result) }
        }
    }

    @Test(arguments: Samples.happenings) func anEventIsReadWithWordsOfALaterDaemon(_ happening: Event.Happening) throws
    {
        try check(EventNotice(sequence: 1, content: .event(Event(time: Samples.time, happening: happening))))
    }

    @Test func aLineIsReadWithWordsOfALaterDaemon() throws {
        for line in Samples.lines { try check(LineNotice(name: "web", content: .line(line))) }
    }

    @Test(arguments: Samples.errors) func anErrorIsReadWithWordsOfALaterDaemon(_ error: ProtocolError) throws {
        try check(error)
    }

    @Test func aStateOfALaterDaemonIsCounted() throws {
        let counts = try StateCounts(
            from: json(
                #"{"total":6,"STOPPED":0,"STARTING":0,"RUNNING":3,"BACKOFF":0,"STOPPING":0,"#
                    + #""EXITED":0,"FATAL":1,"PAUSED":2,"names":[]}"#
            ))
        #expect(counts.total == 6 && counts[.running] == 3 && counts[.stopped] == 0)
        #expect(counts.counts.map(\.state) == [.known(.running), .known(.fatal), .other("PAUSED")])
        #expect(try roundTrip(counts) == counts)
    }

    @Test func statesAreCounted() {
        let counts = StateCounts(of: [.other("PAUSED"), .known(.fatal), .known(.running), .other("PAUSED")])
        #expect(counts.counts.map(\.count) == [1, 1, 2])
        #expect(counts.counts.map(\.state) == [.known(.running), .known(.fatal), .other("PAUSED")])
        #expect(StateCounts(of: []) == StateCounts([.running: 0]))
    }

    @Test func aWordIsKnownByItsText() {
        #expect(WireWord<ServiceState>(rawValue: "RUNNING") == .known(.running))
        #expect(WireWord<ServiceState>(rawValue: "PAUSED") == .other("PAUSED"))
        #expect(WireWord<ServiceState>.other("PAUSED").known == nil)
        #expect(WireWord<ServiceState>.other("PAUSED").rawValue == "PAUSED")
    }
}
