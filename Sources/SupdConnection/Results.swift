package import SupdJSON
package import SupdProtocol

extension ControlSocket {
    /// Reads what is there, and adds it to what `framer` has.
    package func read(into framer: inout LineFramer) -> Transfer {
        withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) { buffer in
            let transfer = read(into: buffer)
            if case .bytes(let count) = transfer { framer.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return transfer
        }
    }
}

extension WireValue {
    /// The value that a call's result gives; `unreadable` where it does not.
    package init(result: JSONValue) throws(ClientError) {
        do throws(WireError) {
            try self.init(from: result)
        } catch {
            throw .unreadable(error)
        }
    }
}

extension Reply {
    /// The reply that a line of the daemon's is; `unreadable` where it is none.
    package init(line: JSONValue) throws(ClientError) {
        do throws(WireError) {
            try self.init(line)
        } catch {
            throw .unreadable(error)
        }
    }
}
