import SupdEngine
import SupdJSON
import SupdPlugin
import SupdProtocol
import Testing

@testable import SupdDaemon

@Suite struct EventRingTests {
    private func ring(_ count: Int) -> EventRing {
        let ring = EventRing()
        for number in 0..<count {
            ring.append(.other(.ready), at: WallTime(nanoseconds: Int64(number)), about: .daemon)
        }
        return ring
    }

    @Test func eventsAreNumberedFromOneAndFoundByTheirNumbers() {
        #expect(ring(0).last == 0 && ring(0).first == 1)
        let ring = ring(3)
        #expect(ring.first == 1 && ring.last == 3)
        #expect((1...3).map { ring[$0].event.time.nanoseconds } == [0, 1, 2])
    }

    @Test func noMoreAreRememberedThanTheLimit() {
        let limit = ProtocolLimits.rememberedEvents
        let ring = ring(limit + 5)
        #expect(ring.first == 6 && ring.last == UInt64(limit + 5))
        #expect(ring[6].event.time.nanoseconds == 5)
    }

    @Test func ordersToManyTakeBoundedMemory() {
        let many = ArraySlice(
            (0..<UInt32(ProtocolLimits.rememberedInstances / 2)).map { InstanceID(slot: $0, generation: 0) })
        let order = OrderEvent(order: "signal", services: [], count: many.count, cause: .none)
        let ring = ring(5)
        for _ in 0..<3 {
            ring.append(
                .order(order, many), at: WallTime(nanoseconds: 0), about: .instances([], unnamed: many))
        }
        #expect(ring.first == 7 && ring.last == 8)
        // One that is over the limit by itself is there all the same.
        ring.append(
            .order(order, many + many + many), at: WallTime(nanoseconds: 0),
            about: .instances([], unnamed: many + many + many))
        #expect(ring.first == 9 && ring.last == 9)
    }

    @Test func everybodyIsToldTheSameOfAnEventHoweverOftenAndHoweverLate() {
        let ring = ring(100)
        func text(_ numbers: [UInt64], _ write: (UInt64, inout JSONWriter) -> Void) -> String {
            var writer = JSONWriter(reservingCapacity: 64)
            for number in numbers { write(number, &writer) }
            return String(decoding: writer.bytes, as: UTF8.self)
        }
        // One after the other, again, and such as share a place.
        let numbers: [UInt64] = [1, 2, 2, 1, 33, 65, 1, 33, 100, 99]
        let told = text(numbers) { ring.writeNotice(of: $0, into: &$1) }
        let made = text(numbers) { number, writer in
            Notice.event(EventNotice(sequence: number, content: .event(ring[number].event))).write(into: &writer)
        }
        #expect(told == made)
        #expect(told.split(separator: "\n").count == numbers.count)
    }

    @Test func newsAreTakenOnce() {
        let ring = ring(1)
        let taken = [ring.takeNews(), ring.takeNews()]
        #expect(taken == [true, false])
    }

    @Test func anEventIsFoundByWhatItIsAbout() throws {
        let web = InstanceName(service: try #require(ServiceName("web")), index: 2)
        let some = EventSubject.instances(
            [.init(name: web, tags: ["front"], access: nil)], unnamed: [])
        for found in ["web", "web@2", "w*", "tag:front"] { #expect(some.matches([ServiceSelector(found)]), "\(found)") }
        for other in ["db", "web@1", "tag:back"] { #expect(!some.matches([ServiceSelector(other)]), "\(other)") }
        let one = EventSubject.instance(.init(name: web, tags: ["front"], access: nil))
        #expect(one.matches([ServiceSelector("web@2")]) && !one.matches([ServiceSelector("web@1")]))
        #expect(one.name == "web@2")
        // Not all that it is about is named.
        #expect(
            EventSubject.instances(
                [.init(name: web, tags: [], access: nil)], unnamed: [InstanceID(slot: 0, generation: 0)]
            ).matches([
                ServiceSelector("db")
            ]))
        #expect(!EventSubject.daemon.matches([ServiceSelector("*")]))
    }
}
