import Glibc
import SupdConnection
import SupdPlugin
import SupdProtocol

/// Why a host's daemon cannot be talked to, in a sentence.
struct HostFailure: Error, Hashable {
    var message: String
}

/// Control sockets of other machines, each forwarded by an ssh(1) to a socket in a folder that nobody else can enter. They end with this
/// value, and with this process, whatever ends it; of one that is killed the folder stays until the next run.
struct Tunnels: ~Copyable {
    private let folder: String
    private var processes: [pid_t] = []

    /// For so many hosts. Throws where there is no place for the folder.
    init(for hosts: Int) throws(HostFailure) {
        Self.sweep()
        var template = Array("\(Self.temporary)/supctl.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw HostFailure(message: "no folder can be made in \(Self.temporary): \(ErrorNumber(errno))")
        }
        let made = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Held as long as this process lives, whatever ends it; nobody finds it before it is held.
        let (lock, begun) = ("\(made)/\(Self.lock)", "\(made)/\(Self.lock).new")
        Leftovers.note(folder: made, room: 1 + hosts * Self.filesOfAHost)
        Leftovers.note(path: lock)
        let held = Glibc.open(begun, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard held >= 0, flock(held, LOCK_EX) == 0, rename(begun, lock) == 0 else {
            throw HostFailure(message: "no file can be made in \(made): \(ErrorNumber(errno))")
        }
        folder = made
    }

    private static let lock = "lock"
    /// Of the two ssh that each has one after the other, three each.
    private static let filesOfAHost = 6

    /// Removes what a run that was killed has left of itself: folders of this user whose lock nobody holds.
    private static func sweep() {
        for name in names(in: temporary) where name.hasPrefix("supctl.") {
            let folder = "\(temporary)/\(name)"
            var status = stat()
            guard lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
                continue
            }
            let held = Glibc.open("\(folder)/\(lock)", O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            guard held >= 0 else { continue }
            defer { Glibc.close(held) }
            guard flock(held, LOCK_EX | LOCK_NB) == 0 else { continue }
            for file in names(in: folder) { unlink("\(folder)/\(file)") }
            rmdir(folder)
        }
    }

    private static func names(in folder: String) -> [String] {
        guard let entries = opendir(folder) else { return [] }
        defer { closedir(entries) }
        var names: [String] = []
        while let entry = readdir(entries) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }

    deinit {
        Leftovers.remove()
        for process in processes { _ = Self.wait(for: process) }
    }

    private static var temporary: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    /// The socket here of each host's daemon there, whose own is at `socket`, or where `supctl` would look for it there. All are
    /// opened side by side; `screen` is told of those that take long.
    mutating func open(_ hosts: [String], socket: String?, _ screen: Screen) -> [Result<String, HostFailure>] {
        var watch = HostWatch(screen)
        defer { watch.end() }
        let places = places(hosts, socket, &watch)
        let begun = zip(hosts, places).enumerated().map { index, host -> Result<pid_t, HostFailure> in
            host.1.flatMap { remote in
                let options =
                    [
                        "-nNT", "-o", "ExitOnForwardFailure=yes", "-o", "StreamLocalBindMask=0177",
                        // A shared connection would keep the forwarding after this ssh has ended.
                        "-o", "ControlMaster=no", "-o", "ControlPath=none",
                    ] + Self.patience + [
                        "-L", "\(file(index, "sock")):\(remote)",
                    ]
                return ssh(options + ["--", Self.destination(host.0)], index: index, output: nil)
            }
        }
        return answers(of: hosts, begun, .forwarding, &watch)
    }

    /// What ssh(1) calls a host: one with a port is a URI.
    static func destination(_ host: String) -> String {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        // Of more colons an address of IPv6 is made, which has its brackets where a port is to follow.
        let isAlone = parts.count == 2 || host.contains("]:")
        let isPort = parts.last.map { !$0.isEmpty && $0.allSatisfy { ("0"..."9").contains($0) } } ?? false
        return isAlone && isPort ? "ssh://\(host)" : host
    }

    /// What an ssh is for.
    private enum Errand {
        /// To say where the socket is.
        case question
        /// To forward it, for as long as it runs.
        case forwarding
    }

    /// Waits for what each of `begun` is for.
    private mutating func answers(
        of hosts: [String], _ begun: [Result<pid_t, HostFailure>], _ errand: Errand, _ watch: inout HostWatch
    ) -> [Result<String, HostFailure>] {
        var answers = [Result<String, HostFailure>?](repeating: nil, count: hosts.count)
        while true {
            var open: [Int] = []
            for (index, process) in begun.enumerated() where answers[index] == nil {
                switch process {
                case .failure(let failure): answers[index] = .failure(failure)
                case .success(let process): answers[index] = answer(of: hosts[index], index, process, errand)
                }
                if answers[index] == nil { open.append(index) }
            }
            guard !open.isEmpty else { return answers.compactMap(\.self) }
            if watch.isDue {
                if processes.contains(where: Self.isAtTerminal) {
                    watch.standBack()
                } else {
                    watch.show(open.map { hosts[$0] }, open.count == 1 ? said(open[0]) : "")
                }
            }
            poll(nil, 0, 20)
        }
    }

    /// Nil where there is none yet.
    private mutating func answer(
        of host: String, _ index: Int, _ process: pid_t, _ errand: Errand
    ) -> Result<String, HostFailure>? {
        // ssh makes the socket once it has been let in, and listens a moment later.
        if errand == .forwarding, answers(file(index, "sock")) { return .success(file(index, "sock")) }
        guard let code = Self.wait(for: process, orNot: WNOHANG) else { return nil }
        processes.removeAll { $0 == process }
        guard errand == .question, code == 0 else { return .failure(failure(host, index, code)) }
        let path = Self.read(file(index, "path")).split(separator: "\n").last.map(String.init) ?? ""
        guard path.hasPrefix("/") else {
            return .failure(HostFailure(message: "\(host) does not say where its socket is; give --socket PATH"))
        }
        return .success(path)
    }

    /// Whether an ssh, or one that it has started to get through another machine, asks a person something: only then it has the terminal open.
    private static func isAtTerminal(_ process: pid_t) -> Bool {
        let folder = "/proc/\(process)"
        let isOpen = names(in: "\(folder)/fd").contains { name in
            var target = [CChar](repeating: 0, count: 16)
            let count = readlink("\(folder)/fd/\(name)", &target, target.count)
            return String(decoding: target.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
                == "/dev/tty"
        }
        return isOpen
            || read("\(folder)/task/\(process)/children").split(separator: " ").compactMap { pid_t($0) }
                .contains(where: isAtTerminal)
    }

    /// How long a host is waited for: to be reached, and once it was, where it says nothing any more. A person who is asked for a password has
    /// all the time in the world.
    private static let patience = [
        "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=2",
    ]

    private func answers(_ path: String) -> Bool {
        guard access(path, F_OK) == 0, let _ = try? ControlConnection(connectingTo: path) else { return false }
        return true
    }

    /// What ssh has said of a host whose connection was refused behind it.
    func words(_ index: Int) -> String { said(index) }

    /// Where each host's daemon has its socket: as `supctl` looks for it, but asked there, as only that side knows.
    private mutating func places(
        _ hosts: [String], _ socket: String?, _ watch: inout HostWatch
    ) -> [Result<String, HostFailure>] {
        if let socket { return hosts.map { _ in .success(socket) } }
        let asked = hosts.enumerated().map { index, host in
            ssh(
                ["-nT"] + Self.patience + ["--", Self.destination(host), Self.question], index: index,
                output: file(index, "path"))
        }
        return answers(of: hosts, asked, .question, &watch)
    }

    /// For whatever shell a user has there.
    private static let question = """
        sh -c 'if [ -n "$SUPD_SOCKET" ]; then echo "$SUPD_SOCKET"; elif [ "$(id -u)" = 0 ]; then echo \(SocketLocation.rootPath); \
        else echo "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/supd/control.sock"; fi'
        """

    private func failure(_ host: String, _ index: Int, _ code: Int32) -> HostFailure {
        let words = said(index)
        return HostFailure(message: words.isEmpty ? "ssh to \(host) ended with \(code)" : words)
    }

    /// The last line that ssh wrote.
    private func said(_ index: Int) -> String {
        Self.read(file(index, "said")).split(whereSeparator: \.isNewline).last.map(String.init) ?? ""
    }

    private func file(_ index: Int, _ kind: String) -> String { "\(folder)/\(index).\(kind)" }

    private static func read(_ path: String) -> String {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    /// setpriv(1) has an ssh end with this process also where that is killed by SIGKILL. Where it is missing only then ssh stays.
    private static let ssh: [String] = {
        let folders = (Terminal.variable("PATH") ?? "/usr/bin:/bin").split(separator: ":")
        let isThere = folders.contains { access("\($0)/setpriv", X_OK) == 0 }
        return (isThere ? ["setpriv", "--pdeathsig", "TERM", "--"] : []) + ["ssh"]
    }()

    /// Starts an ssh. What it asks a person for it asks at the terminal; what it says is kept.
    private mutating func ssh(_ arguments: [String], index: Int, output: String?) -> Result<pid_t, HostFailure> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let writing = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", writing, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, file(index, "said"), writing, 0o600)
        for kind in ["sock", "path", "said"] { Leftovers.note(path: file(index, kind)) }
        var words = (Self.ssh + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var process: pid_t = 0
        // A signal between the start and the note would leave it.
        let answer = Leftovers.withSignalsHeld { mask in
            var attributes = posix_spawnattr_t()
            posix_spawnattr_init(&attributes)
            defer { posix_spawnattr_destroy(&attributes) }
            posix_spawnattr_setsigmask(&attributes, &mask)
            posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
            let answer = posix_spawnp(&process, Self.ssh[0], &actions, &attributes, &words, environ)
            if answer == 0 { Leftovers.note(process: process) }
            return answer
        }
        guard answer == 0 else {
            return .failure(HostFailure(message: "ssh cannot be started: \(ErrorNumber(answer))"))
        }
        processes.append(process)
        return .success(process)
    }

    /// Waits for the end of an ssh, and answers its code; nil where it has not ended.
    private static func wait(for process: pid_t, orNot options: Int32 = 0) -> Int32? {
        var status: Int32 = 0
        while true {
            let answer = waitpid(process, &status, options)
            if answer < 0, errno == EINTR { continue }
            guard answer == process else { return nil }
            Leftovers.forget(process: process)
            return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        }
    }
}
