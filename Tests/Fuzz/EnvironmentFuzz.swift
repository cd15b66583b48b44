/// Reads what a service manager may hand over: the values of the variables, one after the other, each ended by a zero byte. What is empty
/// is not set.
@_cdecl("LLVMFuzzerTestOneInput")
public func readEnvironment(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let names = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID", "WATCHDOG_USEC", "FDSTORE"]
    let values = UnsafeBufferPointer(start: start, count: count).split(separator: 0, omittingEmptySubsequences: false)
    let pairs = zip(names, values.map { String(decoding: $0, as: UTF8.self) }).filter { !$0.1.isEmpty }
    let variables = Dictionary(uniqueKeysWithValues: pairs)
    let read = ManagerEnvironment(pid: 42) { variables[$0] }
    precondition(read.names.count <= ManagerEnvironment.maximum)
    for name in read.names {
        precondition((1...255).contains(name.utf8.count) && !name.utf8.contains(UInt8(ascii: ":")))
        precondition(name.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }
    precondition(read.names.isEmpty || variables["LISTEN_PID"] == "42")
    precondition(read.watchdog.map { $0 > .zero } ?? true)
    precondition(read.watchdog == nil || ["42", nil].contains(variables["WATCHDOG_PID"]))
    // Each is told in a line of the log.
    precondition(
        read.problems.count <= 2 + ManagerEnvironment.maximum && read.problems.allSatisfy { $0.utf8.count < 1000 })
    return 0
}
