import Glibc
import Testing

/// Machines, as far as a network can tell: network namespaces (network_namespaces(7)), and one of the test's own with a cable (veth(4))
/// to each. Nothing of the machine's network is seen there, or changed.
final class Network {
    /// A machine.
    struct Machine {
        /// Its address, which the test's own namespace knows.
        let address: String
        /// What is put before a command line that is to run there.
        let enter: [String]
    }

    /// The test's own.
    let own: [String]
    private var holders: [ChildProcess] = []

    /// Cancels the test where this is not allowed.
    init() async throws {
        guard Programs.isRoot, Programs.find("unshare") != nil, Programs.find("nsenter") != nil,
            Programs.find("ip") != nil
        else { try Test.cancel("network namespaces take root, unshare(1), nsenter(1) and ip(8)") }
        let holder = try await Self.holder()
        own = Self.enter(holder)
        holders = [holder]
    }

    /// A further machine, with a cable to the test's own.
    func machine() async throws -> Machine {
        let number = holders.count
        let holder = try await Self.holder()
        holders.append(holder)
        let (near, far) = ("192.0.2.\(number * 4 + 1)", "192.0.2.\(number * 4 + 2)")
        let there = Self.enter(holder)
        for line in [
            own + [
                "ip", "link", "add", "to\(number)", "type", "veth", "peer", "name", "from", "netns", "\(holder.pid)",
            ],
            own + ["ip", "address", "add", "\(near)/30", "dev", "to\(number)"],
            own + ["ip", "link", "set", "to\(number)", "up"],
            there + ["ip", "address", "add", "\(far)/30", "dev", "from"], there + ["ip", "link", "set", "from", "up"],
            there + ["ip", "link", "set", "lo", "up"],
        ] {
            let output = try await run(
                line[0], Array(line.dropFirst()), environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
            guard output.code != 0 else { continue }
            await close()
            try Test.cancel("no cable between network namespaces: \(output.error)")
        }
        return Machine(address: far, enter: there)
    }

    /// The namespaces end with the last process in them.
    func close() async {
        for holder in holders { await holder.destroy() }
    }

    /// A process that a namespace lives by.
    private static func holder() async throws -> ChildProcess {
        let (output, errors) = (try Descriptor.pipe(), try Descriptor.pipe())
        let holder = try ChildProcess(
            "/usr/bin/unshare", ["--net", "/bin/sh", "-c", "echo there; exec sleep infinity"],
            environment: ["PATH": "/usr/bin:/bin"], output: output.writing, errorOutput: errors.writing)
        let (said, complaints) = (Facts<String>(), Facts<String>())
        let readers = [said.recordLines(of: output.reading), complaints.recordLines(of: errors.reading)]
        defer { readers.forEach { $0.cancel() } }
        guard try await said.first(by: .usual, where: { $0 == "there" }) != nil else {
            await holder.destroy()
            try Test.cancel("no network namespace can be made: \(complaints.all.joined(separator: " "))")
        }
        return holder
    }

    private static func enter(_ holder: ChildProcess) -> [String] { ["/usr/bin/nsenter", "-t", "\(holder.pid)", "-n"] }
}
