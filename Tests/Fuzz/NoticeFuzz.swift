import SupdPlugin

/// Reads what a service may send to its notification socket.
@_cdecl("LLVMFuzzerTestOneInput")
public func readNotice(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let message = NoticeMessage(Array(UnsafeBufferPointer(start: start, count: count)))
    precondition(message.mainProcess.map { $0 > 0 } ?? true)
    precondition(message.error.map { $0 >= 0 } ?? true)
    precondition(message.exitStatus.map { $0 >= 0 } ?? true)
    for time in [message.watchdog, message.needsTime] { precondition(time.map { $0 >= .zero } ?? true) }
    precondition(message.time.map { $0.nanoseconds >= 0 } ?? true)
    precondition(!(message.isAlive && message.isFailing))
    if let name = message.descriptorName {
        precondition((1...255).contains(name.utf8.count))
        precondition(name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ":") })
    }
    return 0
}
