import Glibc

/// Runs the program `linkprobe` with an environment and descriptors made up for it, and gives back its lines.
struct Probe {
    /// `NAME=value`
    var environment: [String] = []
    /// What it gets as descriptor 3.
    var descriptor3: Int32?
    /// What it gets as standard error.
    var standardError: Int32?
    /// States that it sends.
    var states: [String] = []
    /// Whether `LISTEN_PID` is its own process id.
    var hasListenPID = false

    struct Failure: Error {
        var call: String
        var error: Int32
    }

    func run(seconds: Int32 = 20) throws -> [String] {
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { throw Failure(call: "pipe", error: errno) }
        defer { close(pipe[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Copies out of the way first, so that no number that is still needed is overwritten.
        let wanted = [(pipe[1], Int32(1)), (standardError ?? 2, 2), (descriptor3 ?? -1, 3)].filter { $0.0 >= 0 }
        let copies = wanted.map { ($0.0, fcntl($0.0, F_DUPFD_CLOEXEC, 100), $0.1) }
        close(pipe[1])
        for copy in copies { posix_spawn_file_actions_adddup2(&actions, copy.1, copy.2) }

        // Only the process itself knows its number before it begins.
        let shell = ["/bin/sh", "-c", "export LISTEN_PID=$$; exec \"$@\"", "sh"]
        let words = (hasListenPID ? shell : []) + [Self.program] + states
        var arguments = words.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for word in arguments + variables { free(word) } }
        var child: pid_t = 0
        let error = posix_spawn(&child, words[0], &actions, nil, &arguments, &variables)
        // The pipe's end is seen only once nobody else can write to it.
        for copy in copies { close(copy.1) }
        guard error == 0 else { throw Failure(call: "spawn of \(words[0])", error: error) }

        let text = Self.read(pipe[0], seconds: seconds)
        if text == nil { kill(child, SIGKILL) }
        var status: Int32 = 0
        waitpid(child, &status, 0)
        guard let text, status == 0 else {
            throw Failure(call: "linkprobe, which said: \(text ?? "nothing in time")", error: status)
        }
        return text.split(separator: "\n").map(String.init)
    }

    /// All until the end; nil where that does not come in time.
    private static func read(_ descriptor: Int32, seconds: Int32) -> String? {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&poller, 1, seconds * 1000) > 0 else { return nil }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
        }
    }

    /// Beside the test program.
    private static let program: String = {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count)
        let own = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/linkprobe"
    }()
}
