import SupdEngine
import SupdHost
import SupdPlugin
import SupdTesting
import Testing

@testable import SupdDaemon

/// A simulation whose configuration changes while it runs, and what it did.
final class Reconfiguration {
    let simulation: Simulation
    let files: ScriptedFiles
    let client: SimulatedClient
    /// The programs that were started, `web` or `web --fast`, and when, in milliseconds.
    private(set) var started: [(program: String, at: Int)] = []
    /// What each program does; else it runs for ever and ends at once.
    var scripts: [String: ProcessScript] = [:]
    private let begin: MonotonicInstant

    init(_ text: String, seed: UInt64, plugins: [any Plugin] = [], _ scripts: [String: ProcessScript] = [:]) throws {
        files = ScriptedFiles(text, plugins: plugins)
        simulation = try Simulation(files, seed: seed)
        client = simulation.host.connect()
        begin = simulation.host.now
        self.scripts = scripts
        simulation.host.program = { [unowned self] request in
            let words = request.arguments.map { $0.hasPrefix("/bin/") ? String($0.dropFirst(5)) : $0 }
            started.append((words.joined(separator: " "), now))
            return .success(self.scripts[words.first ?? ""] ?? ProcessScript())
        }
    }

    var host: SimulatedHost { simulation.host }
    var supervisor: Supervisor { simulation.supervisor }
    var log: String { simulation.log }

    /// Milliseconds since the start.
    var now: Int { Int(host.now.duration(since: begin) / .milliseconds(1)) }

    func at(_ milliseconds: Int, _ action: @escaping (Reconfiguration) -> Void) {
        host.after(.milliseconds(Int64(milliseconds))) { [unowned self] _ in action(self) }
    }

    /// The file says `text` from then on, and is put into effect; the request's id is the time.
    func apply(_ text: String, at milliseconds: Int, _ params: String = #""wait":true"#) {
        at(milliseconds) { $0.files.write(text) }
        ask("config.reload", params, at: milliseconds)
    }

    func ask(_ method: String, _ params: String, at milliseconds: Int, as other: SimulatedClient? = nil) {
        let client = other ?? client
        at(milliseconds) {
            $0.host.send(#"{"id":\#(milliseconds),"method":"\#(method)","params":{\#(params)}}"# + "\n", as: client)
        }
    }

    func signal(at milliseconds: Int, times: Int = 1) {
        at(milliseconds) { for _ in 0..<times { $0.host.send(.hup) } }
    }

    /// Runs until then, and answers what the client has got by its ids.
    @discardableResult
    func run(until milliseconds: Int) throws -> [String: String] {
        var replies: [String: String] = [:]
        at(milliseconds) {
            for line in $0.host.receive(as: $0.client).split(separator: "\n") {
                guard let id = line.firstMatch(of: /"id":([0-9]+)/) else { continue }
                replies[String(id.1)] = String(line)
            }
            $0.host.send(.term)
        }
        let code = try simulation.run()
        #expect(code == 0 && host.livingProcesses == 0 && host.violations == [], "\(code) \(host.violations)")
        #expect(supervisor.drain.tasks.count == 0, "\(supervisor.drain.tasks.all)")
        return replies
    }

    // MARK: Looking

    func instances(of name: String) -> [InstanceID] {
        supervisor.roster.service(named: name).map { Array(supervisor.fleet.instances(of: $0)) } ?? []
    }

    /// `web RUNNING, db STOPPED`, in the order of the fleet.
    var states: String {
        supervisor.listed.map { "\(supervisor.name(of: $0)) \(supervisor.fleet[$0].state.rawValue)" }
            .joined(separator: ", ")
    }

    /// The programs that were started from that time on.
    func started(from milliseconds: Int) -> [String] { started.filter { $0.at >= milliseconds }.map(\.program) }

    /// Whether the log has a line with each of `texts` in it, in this order.
    func tells(_ texts: String...) -> Bool {
        var lines = log.split(separator: "\n")[...]
        for text in texts {
            guard let place = lines.firstIndex(where: { $0.contains(text) }) else { return false }
            lines = lines[(place + 1)...]
        }
        return true
    }
}

/// A file's table of a service whose program has its name.
func table(_ name: String, _ lines: String...) -> String {
    "[service.\(name)]\nexec_start = \"/bin/\(name)\"\n" + lines.map { $0 + "\n" }.joined()
}
