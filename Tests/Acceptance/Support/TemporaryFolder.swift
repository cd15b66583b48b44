import CAcceptance
import Foundation
import Glibc

/// A folder of a test's own, gone with it. Its path is short: a socket's may have 107 bytes (unix(7)).
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/supd-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure("mkdtemp: \(String(cString: strerror(errno)))") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let path = path(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Makes a program of that text by one that forks nothing: what is open for writing here is open as well in whatever another test
    /// has just forked, until it calls execve(2), and nobody runs it then (ETXTBSY).
    @discardableResult
    func writeProgram(_ name: String, _ text: String) async throws -> String {
        let source = try write(name + ".text", text)
        let made = try await run("/usr/bin/install", ["-m", "755", source, path(name)])
        guard made.code == 0 else { throw Failure("\(name): \(made.error)") }
        return path(name)
    }

    /// Writes into a file that is there, anywhere, with one call, as the kernel's files want it.
    func overwrite(_ path: String, with text: String) throws {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        guard descriptor >= 0, Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw Failure("\(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Copies a program and holds the copy open for writing, so that the kernel runs it not (ETXTBSY, execve(2)). The descriptor
    /// is the caller's to close.
    func openProgram(_ name: String, copiedFrom program: String) throws -> Int32 {
        try FileManager.default.copyItem(atPath: program, toPath: path(name))
        let descriptor = open(path(name), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure("open \(path(name)): \(String(cString: strerror(errno)))") }
        return descriptor
    }

    /// The file's text, or nil where there is none.
    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: path(name)).map { String(decoding: $0, as: UTF8.self) }
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// The pid that the test child says in a file once it is as it should be: `ready PID`.
    func announcedPID(in name: String) async throws -> Int {
        let text = try await text(of: name) { $0.hasSuffix("\n") }
        guard let pid = Self.pids(text).first else { throw Failure("no pid in \(text)") }
        return pid
    }

    /// The last words of the lines that the test child's verbs say: `ready PID`, `child PID`.
    static func pids(_ text: String) -> [Int] {
        text.split(separator: "\n").compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    }

    /// Waits until a file of this folder is there and its text fits, told of changes by inotify(7). Any text but none fits
    /// where nothing else is said: a file is there before what is written to it.
    func text(
        of name: String, within seconds: Double = Deadline.patience, where fits: (String) -> Bool = { !$0.isEmpty }
    ) async throws -> String {
        var found: String?
        let isFound = try await changes(within: seconds) {
            found = read(name)
            return found.map(fits) ?? false
        }
        guard isFound, let found else {
            throw Failure("\(name) was not as expected after \(seconds) s: \(found ?? "there is none")")
        }
        return found
    }

    /// Whether nothing of that name is here any more, or goes soon: what a daemon removes beside its loop may outlast the answer to the order.
    func loses(_ name: String) async throws -> Bool {
        try await changes(within: Deadline.patience) { !exists(name) }
    }

    /// Waits until the folder is as it should be, told of changes by inotify(7); false where it is not in time.
    private func changes(within seconds: Double, until isAsExpected: () -> Bool) async throws -> Bool {
        let deadline = Deadline.seconds(seconds)
        let watch = try Descriptor(answer: acceptance_watch(path), of: "inotify of \(path)")
        while true {
            if isAsExpected() { return true }
            guard try await watch.becomesReadable(by: deadline) else { return false }
            _ = try watch.readChunk()
        }
    }
}
