internal import Glibc
package import SupdPlugin

/// A system call without which the host cannot exist has failed.
package struct LinuxHostFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system call, and what it was applied to.
    package var call: String
    /// Its error.
    package var error: ErrorNumber

    /// The failure of `call`.
    package init(call: String, error: ErrorNumber) {
        self.call = call
        self.error = error
    }

    /// `epoll_create1: EMFILE (Too many open files)`.
    package var description: String { "\(call): \(error)" }
}

/// The result of a call of CSupd, which is a negated errno where it failed.
func check(_ result: Int32, _ call: @autoclosure () -> String) throws(LinuxHostFailure) -> Int32 {
    guard result >= 0 else { throw LinuxHostFailure(call: call(), error: ErrorNumber(-result)) }
    return result
}

/// close(2). Its errors say nothing that could be mended: the descriptor is free in any case (Linux).
func closeDescriptor(_ descriptor: Int32) {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
}
