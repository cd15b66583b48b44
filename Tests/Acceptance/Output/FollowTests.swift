import Glibc
import Testing

/// `logs.follow`.
@Suite(.daemons)
struct FollowTests {
    /// What one follower was told: how many lines, and how many of them were missing.
    private struct Told {
        var lines = 0
        var missing = 0
        var all: Int { lines + missing }
    }

    /// Reads until the line `end`, which counts.
    private func read(_ connection: Connection, until end: String, within seconds: Double = 120) async throws -> Told {
        var told = Told()
        while let line = try await connection.line(within: seconds) {
            // Read as text: a hundred thousand lines take a while to be read as JSON.
            if let gap = line.firstMatch(of: /"gap":([0-9]+)/)?.1 {
                told.missing += Int(gap) ?? 0
            } else {
                told.lines += 1
                if line.contains(#""text":"\#(end)""#) { return told }
            }
        }
        throw Failure("the daemon closed the connection after \(told)")
    }

    /// How many connections one user may have, but for a few of the test's own.
    private static let followers = getuid() == 0 ? 50 : 10

    @Test func everyFollowerHasAllOrIsToldHowMuchIsMissing() async throws {
        let folder = try TemporaryFolder()
        let count = 100_000
        let script = "seq -f '%%0100.0f' 1 \(count); echo the end; exec sleep 1000"
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", script], "enabled = false",
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))) }")
        try await withDaemon(configuration, folder: folder) { daemon in
            let other = try daemon.connect()
            var followers: [Connection] = []
            for _ in 0..<Self.followers {
                let follower = try daemon.connect()
                let reply = try await follower.call("logs.follow", ["services": ["web"], "lines": 0])
                #expect(reply.services.array.first?.lines == [])
                followers.append(follower)
            }
            let before = try #require(try await other.call("supervisor.status").memory.resident.double)
            let (reading, stuck) = (followers.prefix(Self.followers / 2), followers.suffix(Self.followers / 2))
            try await daemon.order("start", "web")
            let told = try await withThrowingTaskGroup(of: Told?.self) { group in
                for follower in reading { group.addTask { try await read(follower, until: "the end") } }
                group.addTask {
                    // However much is written and read, others are answered.
                    for _ in 0..<50 { _ = try await other.call("supervisor.ping", within: 20) }
                    return nil
                }
                return try await group.reduce(into: [Told]()) { if let told = $1 { $0.append(told) } }
            }
            #expect(told.count == reading.count && told.allSatisfy { $0.all == count + 1 }, "\(told)")
            #expect(folder.read("web.log")?.hasSuffix("the end\n") == true)
            let after = try #require(try await other.call("supervisor.status").memory.resident.double)
            #expect(after - before < 32_000_000, "\(before) to \(after)")
            for follower in stuck {
                let told = try await read(follower, until: "the end")
                #expect(told.all == count + 1 && told.missing > 0, "\(told)")
            }
        }
    }

    // MARK: Where what is kept and what comes meet

    /// The numbers that one instance has written, as a follower is told of them: each once, but for those that it is told to have missed.
    private struct Numbers {
        private(set) var last: Int?
        private(set) var count = 0
        private(set) var missed = 0

        mutating func take(_ number: Int) throws {
            if let last, number != last + 1 { throw Failure("\(number) came behind \(last), with \(missed) missed") }
            last = number
            count += 1
        }

        mutating func miss(_ lines: Int) {
            missed += lines
            last = last.map { $0 + lines }
        }
    }

    /// Three that write numbers as fast as they can.
    private static func counters(in folder: TemporaryFolder) -> String {
        let file = TOML.quoted(folder.path("%i.log"))
        return TOML.service(
            "web", ["/usr/bin/seq", "1", "999999999"], "instances = 3",
            "log = { sink = \"file\", file = \(file), rotate_size = \"4MiB\", rotate_keep = 1 }")
    }

    /// The number that an instance has come to.
    private func number(of name: String, _ connection: Connection) async throws -> Int {
        let log = try await connection.call("logs.read", ["services": [.string(name)], "lines": 1])
        return log.services.array.first?.lines.array.first?["text"].string.flatMap { Int($0) } ?? 0
    }

    /// Waits until every instance has written so many more lines: more than are remembered for who follows.
    private func letWrite(_ lines: Int, _ daemon: Daemon) async throws {
        let connection = try daemon.connect()
        let deadline = Deadline.usual
        for name in ["web@1", "web@2", "web@3"] {
            let end = try await number(of: name, connection) + lines
            while try await number(of: name, connection) < end {
                if deadline.hasPassed { throw Failure("\(name) stands still") }
            }
        }
    }

    /// Asks to follow, and takes the lines that were kept.
    private func follow(_ follower: Connection, lines: Int) async throws -> [String: Numbers] {
        let reply = try await follower.call("logs.follow", ["services": ["web"], "lines": .number(Double(lines))])
        var told: [String: Numbers] = [:]
        for service in reply.services.array {
            var numbers = Numbers()
            for line in service.lines.array { try numbers.take(try #require(line["text"].string.flatMap { Int($0) })) }
            #expect(numbers.count <= lines)
            told[try #require(service.name.string)] = numbers
        }
        #expect(told.count == 3)
        return told
    }

    /// Takes lines that come until all fit.
    private func takeLines(
        _ follower: Connection, _ told: inout [String: Numbers], until fits: (String, Numbers) -> Bool
    ) async throws {
        while !told.allSatisfy({ fits($0.key, $0.value) }) {
            let line = try #require(try await follower.line())
            let name = String(try #require(line.firstMatch(of: /"name":"([^"]+)"/)?.1))
            if let gap = line.firstMatch(of: /"gap":([0-9]+)/)?.1 {
                told[name]?.miss(try #require(Int(gap)))
            } else {
                let text = try #require(line.firstMatch(of: /"text":"([0-9]+)"/)?.1, "\(line)")
                try told[name]?.take(try #require(Int(text)))
            }
        }
    }

    @Test(arguments: [0, 1, 20, 1000]) func fromWhatIsKeptToWhatComesNoLineIsLostOrToldTwice(lines: Int) async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(Self.counters(in: folder), folder: folder) { daemon in
            try await letWrite(1000, daemon)
            for _ in 0..<10 {
                let follower = try daemon.connect()
                var told = try await follow(follower, lines: lines)
                #expect(lines == 0 || told.values.allSatisfy { $0.count > 0 })
                try await takeLines(follower, &told) { $1.count >= lines + 500 }
            }
        }
    }

    @Test func whoComesBackLateIsToldHowManyLinesThereWereBehindTheKeptOnes() async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(Self.counters(in: folder), folder: folder) { daemon in
            try await letWrite(1000, daemon)
            let follower = try daemon.connect()
            var told = try await follow(follower, lines: 20)
            for _ in 0..<3 {
                let before = told
                try await letWrite(80_000, daemon)
                try await takeLines(follower, &told) { $1.missed > before[$0]?.missed ?? 0 }
                let there = told
                try await takeLines(follower, &told) { $1.count > (there[$0]?.count ?? 0) + 500 }
            }
        }
    }

    /// What supctl shows, line by line.
    private func show(_ line: Substring, json: Bool, _ told: inout [String: Numbers]) throws {
        if json {
            let line = try JSONValue(parsing: String(line))
            let name = try #require(line.name.string)
            if let gap = line.gap.int { return told[name, default: Numbers()].miss(gap) }
            return try told[name, default: Numbers()].take(try #require(line["text"].string.flatMap { Int($0) }))
        }
        if let gap = line.wholeMatch(of: /-- ([0-9]+) lines? of (web@[123]) missed: .*/) {
            return told[String(gap.2), default: Numbers()].miss(try #require(Int(gap.1)))
        }
        let shown = try #require(line.wholeMatch(of: /[^ ]+ (web@[123]) \| ([0-9]+)/), "\(line)")
        try told[String(shown.1), default: Numbers()].take(try #require(Int(shown.2)))
    }

    @Test(arguments: [false, true]) func supctlShowsEachLineOnceOrSaysHowManyItMissed(json: Bool) async throws {
        let folder = try TemporaryFolder()
        try await withDaemon(Self.counters(in: folder), folder: folder) { daemon in
            try await letWrite(1000, daemon)
            let (reading, writing) = try Descriptor.pipe()
            let supctl = try ChildProcess(
                Programs.supctl, ["logs", "-f", "-n", "50", "web"] + (json ? ["--json"] : []),
                environment: ["SUPD_SOCKET": daemon.socket], output: writing)
            var told: [String: Numbers] = [:]
            var rest: [UInt8] = []
            /// Takes what is shown until all fit.
            func take(until fits: (Numbers) -> Bool) async throws {
                while told.count < 3 || !told.values.allSatisfy(fits) {
                    guard try await reading.becomesReadable(by: .usual) else { throw Failure("supctl shows nothing") }
                    guard case .bytes(let bytes) = try reading.readChunk() else { continue }
                    rest += bytes
                    let end = (rest.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
                    let text = String(decoding: rest[..<end], as: UTF8.self)
                    rest.removeSubrange(..<end)
                    for line in text.split(separator: "\n") { try show(line, json: json, &told) }
                }
            }
            do {
                try await take { $0.count >= 550 }
                try await letWrite(80_000, daemon)
                try await take { $0.missed > 0 }
                let count = told.values.map(\.count).max() ?? 0
                try await take { $0.count > count + 100 }
            } catch {
                await supctl.destroy()
                throw error
            }
            await supctl.destroy()
        }
    }

    /// One reply has no room for them.
    @Test func supctlBeginsWithAllLinesThatAreKeptHoweverLong() async throws {
        let folder = try TemporaryFolder()
        let web = TOML.service(
            "web", ["/bin/sh", "-c", "seq -f '%%01000.0f' 1 900; exec sleep 1000"],
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("web.log"))), memory = \"2MiB\" }")
        try await withDaemon(web, folder: folder) { daemon in
            _ = try await folder.text(of: "web.log") { $0.utf8.count == 900 * 1001 }
            for (options, expected) in [([], Array(1...900)), (["--grep", "^0+(7|900)$"], [7, 900])] {
                let (reading, writing) = try Descriptor.pipe()
                let supctl = try ChildProcess(
                    Programs.supctl, ["logs", "-f", "-n", "1000", "web"] + options,
                    environment: ["SUPD_SOCKET": daemon.socket], output: writing)
                let shown = Facts<String>()
                let reader = shown.recordLines(of: reading)
                _ = try await shown.first(by: .usual) { $0.hasSuffix("900") }
                await supctl.destroy()
                reader.cancel()
                #expect(shown.all.map { $0.split(separator: " ").last.flatMap { Int($0) } } == expected)
            }
        }
    }

    // MARK: Several

    @Test func linesOfSeveralComeInTheOrderThatTheyWereWrittenIn() async throws {
        let script = "exec sed -u 's/^/%i /' pipe%i"
        let folder = try TemporaryFolder()
        let pipes = ["pipe1", "pipe2"].map { folder.path($0) }
        for pipe in pipes { #expect(mkfifo(pipe, 0o600) == 0) }
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", script], "instances = 2",
            "working_directory = \(TOML.quoted(folder.path))",
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("%i.log"))) }")
        try await withDaemon(configuration, folder: folder) { daemon in
            let writers = try pipes.map { try Descriptor(answer: open($0, O_WRONLY), of: "opening \($0)") }
            func write(_ number: Int, _ text: String) throws {
                let bytes = Array((text + "\n").utf8)
                #expect(Glibc.write(writers[number - 1].number, bytes, bytes.count) == bytes.count)
            }
            try write(1, "early")
            _ = try await folder.text(of: "1.log") { $0.contains("early") }
            let follower = try daemon.connect()
            let reply = try await follower.call("logs.follow", ["services": ["web@*"], "lines": 5])
            #expect(reply.services.array.map { $0.lines.array.map(\.["text"]) } == [["1 early"], []])
            var told: [String] = []
            for number in 0..<20 {
                try write(number % 2 + 1, "\(number)")
                let notice = try await follower.reply()
                #expect(notice.method == "line" && notice.params.name == .string("web@\(number % 2 + 1)"))
                told.append(notice.params["text"].string ?? "")
            }
            #expect(told == (0..<20).map { "\($0 % 2 + 1) \($0)" })
        }
    }

    /// Instances that write what is written to `pipe1` and `pipe2` in `folder`, and who writes there.
    private func speakers(in folder: TemporaryFolder, _ log: String) throws -> (String, (Int, String) throws -> Void) {
        for number in 1...2 { #expect(mkfifo(folder.path("pipe\(number)"), 0o600) == 0) }
        let configuration = TOML.service(
            "web", ["/bin/sh", "-c", "exec cat pipe%i"], "instances = 2",
            "working_directory = \(TOML.quoted(folder.path))",
            "log = { sink = \"file\", file = \(TOML.quoted(folder.path("%i.log")))\(log) }")
        var writers: [Int: Descriptor] = [:]
        return (
            configuration,
            { number, text in
                let path = folder.path("pipe\(number)")
                let writer = try writers[number] ?? Descriptor(answer: open(path, O_WRONLY), of: "opening \(path)")
                writers[number] = writer
                let bytes = Array((text + "\n").utf8)
                #expect(Glibc.write(writer.number, bytes, bytes.count) == bytes.count)
            }
        )
    }

    private func texts(_ reply: JSONValue) -> [[String]] {
        reply.services.array.map { $0.lines.array.compactMap { $0["text"].string } }
    }

    /// Who lost the connection has neither missed a line nor one twice.
    @Test func whoGoesOnAfterALineHasAllThatCameSince() async throws {
        let folder = try TemporaryFolder()
        let (configuration, write) = try speakers(in: folder, "")
        try await withDaemon(configuration, folder: folder) { daemon in
            func written(_ number: Int, _ text: String) async throws {
                try write(number, text)
                _ = try await folder.text(of: "\(number).log") { $0.hasSuffix(text + "\n") }
            }
            try await written(1, "early")
            let first = try daemon.connect()
            let reply = try await first.call("logs.follow", ["services": ["*"]])
            #expect(texts(reply) == [["early"], []])
            var last = try #require(reply.sequence.double)
            for (number, text) in [(1, "a"), (2, "b"), (2, "c")] {
                try await written(number, "told \(text)")
                let line = try await first.reply().params
                #expect(try #require(line.sequence.double) > last && line.name == .string("web@\(number)"))
                last = try #require(line.sequence.double)
            }
            // It has not read these.
            for (number, text) in [(2, "missed a"), (1, "missed b"), (2, "missed c")] {
                try await written(number, text)
            }
            let second = try daemon.connect()
            let rest = try await second.call("logs.follow", ["services": ["*"], "since": .number(last)])
            #expect(texts(rest) == [["missed b"], ["missed a", "missed c"]])
            #expect(rest.started == reply.started && rest.services.array.allSatisfy { $0.shortage.isNull })
            try await written(1, "next")
            #expect(try await second.reply().params["text"] == "next")
            // What is told has gone on where the answer ended.
            let now = try #require(rest.sequence.double)
            let nothing = try await daemon.connect().call(
                "logs.follow", ["services": ["web@2"], "since": .number(now)])
            #expect(texts(nothing) == [[]] && nothing.services.array[0].shortage.isNull)
            let few = try await daemon.connect().call(
                "logs.follow", ["services": ["web@2"], "since": .number(last), "lines": 1])
            #expect(texts(few) == [["missed c"]] && few.services.array[0].shortage == "reply")
            let error = try await daemon.connect().exchange("logs.follow", ["services": ["*"], "since": .number(1e12)])
                .error
            #expect(error.code == -32602 && error.message.string?.contains("has come to ") == true, "\(error.text)")
        }
    }

    @Test func whatHadNoRoomInMemoryIsMissingForWhoGoesOn() async throws {
        let folder = try TemporaryFolder()
        let (configuration, write) = try speakers(in: folder, #", memory = "1KiB""#)
        try await withDaemon(configuration, folder: folder) { daemon in
            let reply = try await daemon.connect().call("logs.follow", ["services": ["web@1"]])
            let long = String(repeating: "x", count: 100)
            for _ in 1...30 { try write(1, long) }
            try write(1, "end")
            _ = try await folder.text(of: "1.log") { $0.hasSuffix("end\n") }
            let since: JSONValue = ["services": ["*"], "since": reply.sequence]
            let rest = try await daemon.connect().call("logs.follow", since)
            #expect(texts(rest)[0].last == "end" && texts(rest)[0].count < 20)
            #expect(rest.services.array.map { $0.shortage.string } == ["memory", nil])
        }
    }

    @Test func anInstanceThatComesLaterIsFollowedToo() async throws {
        let script = ["/bin/sh", "-c", "echo up %i; exec sleep 1000"]
        let configuration = TOML.service("web", script, #"tags = ["front"]"#)
        try await withDaemon(configuration) { daemon in
            let follower = try daemon.connect()
            _ = try await follower.call("logs.follow", ["services": ["tag:front"], "lines": 0])
            let scale: JSONValue = ["service": "web", "instances": 3, "wait": true]
            _ = try await daemon.connect().call("service.scale", scale)
            var names: Set<String> = []
            // What the first has said may come in between.
            while !names.isSuperset(of: ["web@2", "web@3"]) {
                names.insert(try await follower.reply().params.name.string ?? "")
            }
            try daemon.folder.write("supd.toml", configuration + TOML.service("new", script, #"tags = ["front"]"#))
            #expect(try await daemon.supctl("apply").code == 0)
            var name: JSONValue = .null
            while name != "new" { name = try await follower.reply().params.name }
        }
    }
}
