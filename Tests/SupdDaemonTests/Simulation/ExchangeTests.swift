import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
import SupdTesting
import Synchronization
import Testing

@testable import SupdDaemon

/// What sinks and methods of plugins were given, in order.
private final class Heard: Sendable {
    let events = Mutex<[(sink: String, number: UInt64)]>([])
    let calls = Mutex<[String]>([])
}

/// Names what it brings by its option `to`.
private struct Changing: Plugin {
    struct Nothing: Job {
        func run(_ context: JobContext) async throws {}
    }
    struct Sink: EventSink {
        let name: String
        let heard: Heard
        func receive(_ event: DaemonEvent, _ context: PluginContext) async throws {
            heard.events.withLock { $0.append((name, event.number)) }
        }
    }

    let name: String
    var heard = Heard()
    var options: [OptionDeclaration] { [OptionDeclaration("to", .text, standard: .text("a"), "Where.")] }

    func activate(_ options: PluginOptions, in activation: inout PluginActivation) throws(OptionError) {
        guard case .text(let to)? = options["to"] else { return }
        guard to != "bad" else { throw OptionError(option: "to", message: "is bad") }
        activation.job("\(name)-job-\(to)", Nothing())
        activation.eventSink("\(name)-sink-\(to)", Sink(name: to, heard: heard))
        activation.controlMethod(
            ControlMethod("who", access: .observe, summary: "") { [heard, to] _, _ in
                heard.calls.withLock { $0.append(to) }
                return .null
            })
    }
}

/// A daemon with the plugins `p` and `q`, and what of theirs was begun when.
private final class Exchanges {
    let simulation: Simulation
    let heard = Heard()
    private let registrar: PluginRegistrar
    private(set) var begun: [(name: String, at: MonotonicInstant)] = []
    private var bodies: [@Sendable () async throws -> Void] = []
    let start: MonotonicInstant

    /// One in which work does what `work` says of its name.
    init(seed: UInt64, drain: DrainBudget = .init(), _ work: @escaping (String) -> WorkScript) throws {
        let plugins = [Changing(name: "p", heard: heard), Changing(name: "q")]
        registrar = PluginRegistrar(plugins)
        simulation = try Simulation([makeService("web")], seed: seed, drain: drain, plugins: plugins) {
            $0.plugins = plugins.reduce(into: [:]) { $0[$1.name] = PluginOptions(standardsOf: $1.options) }
        }
        start = simulation.host.now
        simulation.host.work = work
        simulation.host.onWork = { [unowned self] name, body in
            begun.append((name, simulation.host.now))
            if name.hasPrefix("p-sink") || name == "plugin.p.who" { bodies.append(body) }
        }
    }

    /// Has `p` exchanged after `time`.
    func exchange(to word: String, after time: Duration) throws {
        let revival = try PluginRevival(registrar, names: ["p"], options: ["p": PluginOptions(["to": .text(word)])])
        simulation.host.after(time) { [unowned self] _ in _ = simulation.supervisor.plugins.exchange(revival) }
    }

    /// Sends requests, and has the service restarted each half second, so that there are events.
    func restartOften(_ count: Int) {
        let client = simulation.host.connect()
        for number in 1...count { simulation.order("restart", of: "web", at: 500 * number, as: client) }
    }

    /// When work of this name was begun, in whole seconds after the start.
    func times(of name: String) -> [Int64] {
        begun.filter { $0.name == name }.map { $0.at.duration(since: start).components.seconds }
    }

    func run(for time: Duration) throws -> Int32 {
        simulation.host.after(time) { $0.send(.term) }
        return try simulation.run()
    }

    /// Runs what sinks and methods would have run, and answers which sink was given which events.
    func events() async throws -> [(sink: String, number: UInt64)] {
        for body in bodies { try await body() }
        return heard.events.withLock { $0 }
    }
}

@Suite struct ExchangeTests {
    @Test func newJobsBeginWhenTheOldHaveEndedAndOtherPluginsAreLeftAlone() throws {
        let exchanges = try Exchanges(seed: 601) {
            $0 == "p-job-a" ? .ends(after: .seconds(5)) : $0.contains("-job-") ? .waits() : .ends()
        }
        try exchanges.exchange(to: "b", after: .seconds(2))
        #expect(try exchanges.run(for: .seconds(20)) == 0)
        #expect(exchanges.times(of: "p-job-b") == [5])
        #expect(exchanges.times(of: "q-job-a") == [0])
        #expect(exchanges.begun.contains { $0.name == "q-sink-a" })
        #expect(!exchanges.simulation.log.contains("abandoned"))
    }

    @Test func aJobThatHangsIsCancelledThenAbandonedByName() throws {
        var drain = DrainBudget()
        drain.jobs = .seconds(4)
        let exchanges = try Exchanges(seed: 602, drain: drain) { $0 == "p-job-a" ? .hangs : .ends() }
        try exchanges.exchange(to: "b", after: .seconds(2))
        #expect(try exchanges.run(for: .seconds(20)) == 0)
        #expect(exchanges.times(of: "p-job-b") == [9])
        let log = exchanges.simulation.log
        #expect(log.contains("plugin 'p': the 4s of its jobs are over; cancelled: job p-job-a"))
        #expect(log.contains("abandoned service 'job p-job-a'"))
    }

    @Test func aJobThatHeedsItsCancellationIsNotAbandoned() throws {
        let exchanges = try Exchanges(seed: 603) { $0 == "p-job-a" ? .waits(afterCancel: .seconds(1)) : .ends() }
        try exchanges.exchange(to: "b", after: .seconds(2))
        #expect(try exchanges.run(for: .seconds(30)) == 0)
        #expect(exchanges.times(of: "p-job-b") == [13])
        #expect(!exchanges.simulation.log.contains("abandoned"))
    }

    @Test func everyEventReachesTheOldSinkOrTheNewOnce() async throws {
        let exchanges = try Exchanges(seed: 604) {
            $0 == "p-job-a" ? .ends(after: .seconds(4)) : .ends(after: .milliseconds(900))
        }
        exchanges.restartOften(12)
        try exchanges.exchange(to: "b", after: .seconds(2))
        #expect(try exchanges.run(for: .seconds(9)) == 0)
        let events = try await exchanges.events()
        #expect(events.map(\.number) == Array(1...UInt64(events.count)) && events.count > 40)
        let first = try #require(events.firstIndex { $0.sink == "b" })
        #expect(first > 4 && events[first...].allSatisfy { $0.sink == "b" })
        // The last one says that the drain is over.
        #expect(exchanges.simulation.supervisor.plugins.sinks.lastEvent == events.last?.number)
        #expect(try #require(exchanges.times(of: "p-sink-b").first) == 4)
        #expect(exchanges.simulation.supervisor.plugins.sinks.events.count == 2)
    }

    @Test func aSinkThatHangsIsGivenUpAndWhatItDidNotTakeIsCounted() throws {
        let exchanges = try Exchanges(seed: 605) { $0 == "p-sink-a" ? .hangs : .ends() }
        exchanges.restartOften(3)
        try exchanges.exchange(to: "b", after: .seconds(2))
        #expect(try exchanges.run(for: .seconds(20)) == 0)
        let log = exchanges.simulation.log
        #expect(log.contains("event sink 'p-sink-a' of plugin 'p' has not taken everything in 5s and is cancelled"))
        #expect(log.contains("abandoned cleanup 'events p: p-sink-a'"))
        #expect(log.contains("event sink 'p-sink-a' of plugin 'p' did not take everything"))
        #expect(exchanges.times(of: "p-job-b") == [10])
    }

    @Test func callsUnderWayGoOnAndNewOnesAreOfTheNew() async throws {
        let exchanges = try Exchanges(seed: 606) { $0 == "plugin.p.who" ? .ends(after: .seconds(2)) : .ends() }
        let client = exchanges.simulation.host.connect()
        for second in [1, 2, 4] {
            exchanges.simulation.host.after(.milliseconds(Int64(second * 1000))) {
                $0.send(#"{"id":\#(second),"method":"plugin.p.who"}"# + "\n", as: client)
            }
        }
        try exchanges.exchange(to: "b", after: .milliseconds(2500))
        let (_, replies) = try exchanges.simulation.run(until: .seconds(9), listeningAs: client)
        for second in [1, 2, 4] { #expect(replies.contains(#""id":\#(second),"result":"#)) }
        _ = try await exchanges.events()
        #expect(exchanges.heard.calls.withLock { $0 } == ["a", "a", "b"])
    }

    @Test func ofTwoExchangesTheLatestWins() async throws {
        let exchanges = try Exchanges(seed: 607) { $0 == "p-job-a" ? .ends(after: .seconds(5)) : .ends() }
        exchanges.restartOften(12)
        try exchanges.exchange(to: "b", after: .seconds(2))
        try exchanges.exchange(to: "c", after: .seconds(3))
        #expect(try exchanges.run(for: .seconds(9)) == 0)
        #expect(exchanges.times(of: "p-job-c") == [5] && exchanges.times(of: "p-job-b").isEmpty)
        let events = try await exchanges.events()
        #expect(events.map(\.number) == Array(1...exchanges.simulation.supervisor.plugins.sinks.lastEvent))
        #expect(Set(events.map(\.sink)) == ["a", "c"])
    }

    @Test func aDrainMeanwhileBeginsNoJobAndTheNewSinkHearsOfIt() async throws {
        let exchanges = try Exchanges(seed: 608) { $0 == "p-job-a" ? .ends(after: .seconds(6)) : .ends() }
        try exchanges.exchange(to: "b", after: .seconds(2))
        #expect(try exchanges.run(for: .seconds(3)) == 0)
        #expect(exchanges.times(of: "p-job-b").isEmpty)
        #expect(exchanges.simulation.host.now.duration(since: exchanges.start) >= .seconds(6))
        let events = try await exchanges.events()
        #expect(events.map(\.number) == Array(1...exchanges.simulation.supervisor.plugins.sinks.lastEvent))
        #expect(events.last?.sink == "b")
    }

    @Test func aDrainThatIsUndoneBeginsTheNew() throws {
        let exchanges = try Exchanges(seed: 609) { $0 == "p-job-a" ? .ends(after: .seconds(4)) : .ends() }
        let client = exchanges.simulation.host.connect()
        for (second, method) in [(3, "drain"), (6, "resume")] {
            exchanges.simulation.host.after(.seconds(second)) {
                $0.send(#"{"id":\#(second),"method":"supervisor.\#(method)"}"# + "\n", as: client)
            }
        }
        try exchanges.exchange(to: "b", after: .seconds(2))
        #expect(try exchanges.run(for: .seconds(9)) == 0)
        #expect(exchanges.times(of: "p-job-b") == [6] && exchanges.times(of: "p-job-a") == [0])
    }

    @Test func aDrainThatIsUnderWayExchangesNothing() throws {
        let exchanges = try Exchanges(seed: 610) { $0 == "q-job-a" ? .waits() : .ends() }
        try exchanges.exchange(to: "b", after: .seconds(4))
        #expect(try exchanges.run(for: .seconds(3)) == 0)
        #expect(!exchanges.simulation.log.contains("has new options"))
    }

    @Test func theListShowsWhatIsThereNow() throws {
        let exchanges = try Exchanges(seed: 611) { _ in .ends() }
        try exchanges.exchange(to: "b", after: .seconds(2))
        #expect(try exchanges.run(for: .seconds(3)) == 0)
        let list = exchanges.simulation.supervisor.pluginList.plugins.map(\.brings)
        #expect(
            list == [
                ["job p-job-b", "event sink p-sink-b", "method plugin.p.who"],
                ["job q-job-a", "event sink q-sink-a", "method plugin.q.who"],
            ])
    }

    @Test func refusedOptionsRefuseTheWhole() throws {
        let registrar = PluginRegistrar([Changing(name: "p"), Changing(name: "q")])
        let error = #expect(throws: PluginRefusal.self) {
            try PluginRevival(registrar, names: ["p", "q"], options: ["q": PluginOptions(["to": .text("bad")])])
        }
        #expect(error?.description == "plugin 'q' refuses its options: 'to': is bad")
    }
}
