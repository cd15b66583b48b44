import Glibc

/// What has to be put right when this process ends, by whatever end: the files and processes of `Tunnels`, and the terminal of `top`. In
/// memory that a signal handler can read (signal-safety(7)).
enum Leftovers {
    /// How many files and processes are noted at most.
    nonisolated(unsafe) private static var room = 0
    nonisolated(unsafe) private static var folder: UnsafeMutablePointer<CChar>?
    nonisolated(unsafe) private static var paths: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    nonisolated(unsafe) private static var pathCount = 0
    nonisolated(unsafe) private static var processes: UnsafeMutablePointer<pid_t>?
    nonisolated(unsafe) private static var processCount = 0
    /// How the terminal at standard input was, and how it is meanwhile.
    nonisolated(unsafe) private static var terminal:
        (before: UnsafeMutablePointer<termios>, meanwhile: UnsafeMutablePointer<termios>)?
    nonisolated(unsafe) private static var entering: UnsafeMutablePointer<CChar>?
    nonisolated(unsafe) private static var leaving: UnsafeMutablePointer<CChar>?

    nonisolated(unsafe) private static var words: UnsafeMutablePointer<CChar>?

    /// All that can be caught and end a process which does nothing about them (signal(7)).
    private static let signals = (1...__libc_current_sigrtmax()).filter {
        ![SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT, SIGCHLD, SIGURG, SIGWINCH].contains($0)
    }

    /// From now on one of `numbers` that would end this process puts right first what is noted, and ends it then.
    private static func begin(_ numbers: [Int32] = signals) {
        for number in numbers where !isIgnored(number) {
            signal(number) { number in
                Leftovers.restore()
                if number == SIGINT { Leftovers.say() }
                Leftovers.remove()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// A folder that is empty once the files that are noted are gone, of which there are `count` at most, and no more processes.
    static func note(folder path: String, room count: Int) {
        folder = strdup(path)
        room = count
        paths = .allocate(capacity: room)
        processes = .allocate(capacity: room)
        begin()
    }

    /// A file that may come to be.
    static func note(path: String) {
        guard pathCount < room else { return }
        paths?[pathCount] = strdup(path)
        pathCount += 1
    }

    /// A process that runs.
    static func note(process: pid_t) {
        guard processCount < room else { return }
        processes?[processCount] = process
        processCount += 1
    }

    /// It was waited for: its number may be another's.
    static func forget(process: pid_t) {
        for index in 0..<processCount where processes?[index] == process { processes?[index] = 0 }
    }

    /// Takes the terminal at standard input from how it was to how it is `meanwhile`, and writes what enters and leaves a screen of one's own to
    /// standard output; also around a stop of this process.
    static func enter(_ before: termios, _ meanwhile: termios, entering: String, leaving: String) {
        let settings = UnsafeMutablePointer<termios>.allocate(capacity: 2)
        settings.initialize(to: before)
        (settings + 1).initialize(to: meanwhile)
        self.entering = strdup(entering)
        self.leaving = strdup(leaving)
        terminal = (settings, settings + 1)
        begin()
        signal(SIGTSTP) { _ in
            Leftovers.restore()
            raise(SIGSTOP)
            Leftovers.enterAgain()
        }
        enterAgain()
    }

    /// What is to be said on standard error where SIGINT ends this process.
    static func note(words text: String) {
        words = strdup(text)
        begin([SIGINT])
    }

    /// Runs `body` with none of these signals coming, and the mask that was in force before.
    static func withSignalsHeld(_ body: (inout sigset_t) -> Int32) -> Int32 {
        var held = sigset_t()
        var before = sigset_t()
        sigemptyset(&held)
        for number in signals { sigaddset(&held, number) }
        sigprocmask(SIG_BLOCK, &held, &before)
        defer { sigprocmask(SIG_SETMASK, &before, nil) }
        return body(&before)
    }

    // What follows is nothing but what a signal handler may call.

    /// Ends the processes and removes the files.
    static func remove() {
        for index in 0..<processCount {
            if let process = processes?[index], process > 0 { kill(process, SIGTERM) }
        }
        for index in 0..<pathCount {
            if let path = paths?[index] { unlink(path) }
        }
        if let folder { rmdir(folder) }
    }

    private static func say() {
        if let words { _ = write(STDERR_FILENO, words, strlen(words)) }
    }

    /// Makes the terminal what it was.
    static func restore() {
        guard let terminal, let leaving else { return }
        _ = write(STDOUT_FILENO, leaving, strlen(leaving))
        tcsetattr(STDIN_FILENO, TCSANOW, terminal.before)
    }

    private static func enterAgain() {
        guard let terminal, let entering else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, terminal.meanwhile)
        _ = write(STDOUT_FILENO, entering, strlen(entering))
    }
}
