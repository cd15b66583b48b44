import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin
import SupdProtocol
public enum LogLevel: String, Hashable, Sendable, CaseIterable { case debug, info, notice, warning, error }
public enum LogFormat: String, Hashable, Sendable, CaseIterable { case auto, text, json, journal }
final class DaemonLog {
    init(host: any Host, level: LogLevel, format: LogFormat) {}
    func debug(_ t: String, instance: InstanceName? = nil) {}
    func info(_ t: String, instance: InstanceName? = nil) {}
    func notice(_ t: String, instance: InstanceName? = nil) {}
    func warning(_ t: String, instance: InstanceName? = nil) {}
    func error(_ t: String, instance: InstanceName? = nil) {}
    func warningOnce(_ k: String, _ t: String) {}
    func report(_ r: DrainReport) {}
}
final class LogRouter {
    init(host: any Host, log: DaemonLog) {}
    func attach(
        _ instance: Int, name: InstanceName, attempt: UInt64, process: SpawnedProcess, configuration: LogConfiguration,
        task: TaskID?
    ) {}
    func readable(_ c: Channel) {}
    func writable(_ c: Channel) {}
    func finish(_ instance: Int) -> [TaskID] { [] }
    func read(_ instance: Int, name: InstanceName, lines: Int) -> ServiceLog {
        ServiceLog(name: name.description, lines: [])
    }
    func flush() {}
    func timer() {}
    func close() {}
}
