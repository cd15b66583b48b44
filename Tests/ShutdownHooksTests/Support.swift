import Glibc
import HTTPCalls
import PluginFakes
import PluginNetwork
import SupdPlugin
import Testing

@testable import ShutdownHooks

/// The hook `name` of the plugin with its declared standards, and `options` over them.
func makeHook(
    _ name: String, _ options: [String: OptionValue] = [:], time: FakeTime = FakeTime(), caller: HTTPCaller? = nil
) throws -> any ShutdownHook {
    let registrar = PluginRegistrar([ShutdownHooks(pause: Pause { try await time.wait($0) }, caller: caller)])
    let entry = try #require(registrar.shutdownHooks[name])
    var values: [String: OptionValue] = [:]
    for option in entry.options { values[option.name] = option.standard }
    for (key, value) in options {
        try #require(entry.options.contains { $0.name == key }, "\(name) declares no option '\(key)'")
        values[key] = value
    }
    return try entry.make(PluginOptions(values))
}

/// What a hook is told by a daemon that is none.
func hookContext(
    _ point: HookPoint = .beforeServices, service: ServiceSummary? = nil,
    processes: any ProcessRunner = NoProcessRunner(), log: LogLines = LogLines()
) -> HookContext {
    HookContext(
        plugin: pluginContext(processes: processes, log: log), point: point, cause: "SIGTERM",
        deadline: MonotonicInstant(nanoseconds: 1_000_000_000), service: service)
}

/// What `body` throws, as text; nil where it throws nothing.
func failure(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        return "\(error)"
    }
}

/// The message of the OptionError that making a hook ends with; nil where it is made.
func refusal(_ name: String, _ options: [String: OptionValue], caller: HTTPCaller? = nil) throws -> String? {
    do {
        _ = try makeHook(name, options, caller: caller)
        return nil
    } catch let error as OptionError {
        return "\(error.option): \(error.message)"
    }
}

/// A folder of a test's own, gone with it.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/supd-hooks.XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["file", "tcp", "tcp6"] { unlink(file(name)) }
        rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ name: String, _ text: String) throws {
        let stream = try #require(fopen(file(name), "w"))
        fputs(text, stream)
        fclose(stream)
    }

    /// The mode's permissions; nil where there is no such file.
    func mode(_ name: String) -> mode_t? {
        var status = stat()
        return stat(file(name), &status) == 0 ? status.st_mode & 0o777 : nil
    }
}

/// A socket that listens on the loopback, at a port of the kernel's choice.
final class Listener: Sendable {
    let descriptor: Int32
    let port: Int

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let own = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(own, address, length) | listen(own, 8) | getsockname(own, address, &length)
            }
        }
        try #require(result == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Stops listening: the next connection is refused.
    func close() { Glibc.shutdown(descriptor, Int32(SHUT_RDWR)) }

    deinit { Glibc.close(descriptor) }
}
