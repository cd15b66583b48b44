import CSystemd
import Glibc

/// The service manager of the user that the daemon is of (`systemd --user`), asked for what it says nowhere else.
///
/// A manager of root's marks the control groups that it delegates (systemd.resource-control(5)). One of a user's has done so since
/// version 254 only. It is asked over its own socket, as systemctl(1) does where there is no message bus.
enum UserManager {
    /// How long it may take to answer, in microseconds: the daemon waits for it before its first start. At a login it has much else to do, and
    /// without an answer there are no control groups for as long as the daemon runs.
    private static let timeout: UInt64 = 5_000_000

    /// Whether a unit's control group is its own to divide (`Delegate=`). Nil where there is no such manager, or it does not answer.
    static func delegates(unit: String) -> Bool? {
        guard let address, let interface = interface(of: unit),
            let library = dlopen(Libsystemd.fileName, RTLD_NOW | RTLD_LOCAL)
        else { return nil }
        defer { dlclose(library) }
        return (try? Bus(library).property("Delegate", interface, of: unit, at: address)) ?? nil
    }

    private static var address: String? {
        let folder = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) } ?? "/run/user/\(getuid())"
        let socket = folder + "/systemd/private"
        // What else is in an address has to be escaped (D-Bus specification, "Server Addresses").
        let isPlain = socket.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        return isPlain && access(socket, W_OK) == 0 ? "unix:path=\(socket)" : nil
    }

    private static func interface(of unit: String) -> String? {
        if unit.hasSuffix(".service") { return "org.freedesktop.systemd1.Service" }
        return unit.hasSuffix(".scope") ? "org.freedesktop.systemd1.Scope" : nil
    }

    /// The functions of sd-bus(3) that a question takes.
    private struct Bus {
        let new: supd_sd_bus_new
        let setAddress: supd_sd_bus_set_address
        let start: supd_sd_bus_start
        let setTimeout: supd_sd_bus_set_method_call_timeout
        let encode: supd_sd_bus_path_encode
        let get: supd_sd_bus_get_property_trivial
        let unref: supd_sd_bus_flush_close_unref

        init(_ library: UnsafeMutableRawPointer) throws(Libsystemd.LoadFailure) {
            new = try Libsystemd.function("sd_bus_new", in: library, as: supd_sd_bus_new.self)
            setAddress = try Libsystemd.function("sd_bus_set_address", in: library, as: supd_sd_bus_set_address.self)
            start = try Libsystemd.function("sd_bus_start", in: library, as: supd_sd_bus_start.self)
            setTimeout = try Libsystemd.function(
                "sd_bus_set_method_call_timeout", in: library, as: supd_sd_bus_set_method_call_timeout.self)
            encode = try Libsystemd.function("sd_bus_path_encode", in: library, as: supd_sd_bus_path_encode.self)
            get = try Libsystemd.function(
                "sd_bus_get_property_trivial", in: library, as: supd_sd_bus_get_property_trivial.self)
            unref = try Libsystemd.function(
                "sd_bus_flush_close_unref", in: library, as: supd_sd_bus_flush_close_unref.self)
        }

        /// A property of a unit that is true or false.
        func property(_ name: String, _ interface: String, of unit: String, at address: String) -> Bool? {
            var bus: OpaquePointer?
            guard new(&bus) >= 0 else { return nil }
            defer { _ = unref(bus) }
            var path: UnsafeMutablePointer<CChar>?
            guard setAddress(bus, address) >= 0, setTimeout(bus, UserManager.timeout) >= 0, start(bus) >= 0,
                encode("/org/freedesktop/systemd1/unit", unit, &path) >= 0
            else { return nil }
            defer { free(path) }
            var value: Int32 = 0
            let type = CChar(bitPattern: UInt8(ascii: "b"))
            guard get(bus, "org.freedesktop.systemd1", path, interface, name, nil, type, &value) >= 0 else {
                return nil
            }
            return value != 0
        }
    }
}
