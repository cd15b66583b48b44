import Glibc
package import SupdPlugin

extension SystemSources {
    /// The user that getpwnam_r(3) finds.
    package func user(named name: String) -> Result<UserRecord?, ErrorNumber> {
        Self.lookUp { entry, buffer, size, found in
            getpwnam_r(name, &entry, buffer, size, &found)
        } read: { entry in
            UserRecord(entry)
        }
    }

    /// The user that getpwuid_r(3) finds.
    package func user(id: UInt32) -> Result<UserRecord?, ErrorNumber> {
        Self.lookUp { entry, buffer, size, found in
            getpwuid_r(id, &entry, buffer, size, &found)
        } read: { entry in
            UserRecord(entry)
        }
    }

    /// The group that getgrnam_r(3) finds.
    package func group(named name: String) -> Result<UInt32?, ErrorNumber> {
        Self.lookUp { entry, buffer, size, found in
            getgrnam_r(name, &entry, buffer, size, &found)
        } read: {
            (entry: group) in
            entry.gr_gid
        }
    }

    /// What getgrouplist(3) finds.
    package func groups(of user: String, primary: UInt32) -> Result<[UInt32], ErrorNumber> {
        var capacity: Int32 = 64
        // Linux allows 65536 groups a process (NGROUPS_MAX); a user with more cannot be run as.
        while capacity <= 65_536 {
            var groups = [gid_t](repeating: 0, count: Int(capacity))
            var count = capacity
            if getgrouplist(user, primary, &groups, &count) >= 0 {
                return .success(Set(groups.prefix(Int(max(count, 0)))).sorted())
            }
            capacity = max(capacity * 2, min(count, 65_537))
        }
        return .failure(ErrorNumber(E2BIG))
    }

    /// Calls one of the `_r` functions with a buffer that grows until the entry fits.
    private static func lookUp<Entry, Value>(
        _ call: (inout Entry, UnsafeMutablePointer<CChar>, Int, inout UnsafeMutablePointer<Entry>?) -> Int32,
        read: (Entry) -> Value
    ) -> Result<Value?, ErrorNumber> where Entry: ZeroInitializable {
        var size = 1024
        // An entry is a few hundred bytes; a group with a hundred thousand members still fits.
        while size <= 4 << 20 {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { buffer.deallocate() }
            var entry = Entry()
            var found: UnsafeMutablePointer<Entry>?
            switch call(&entry, buffer, size, &found) {
            case 0: return .success(found == nil ? nil : read(entry))
            case ERANGE: size *= 4
            case EINTR: continue
            // What getpwnam(3) lists for "no such name", beside zero.
            case ENOENT, ESRCH, EBADF, EPERM: return .success(nil)
            case let error: return .failure(ErrorNumber(error))
            }
        }
        return .failure(ErrorNumber(ERANGE))
    }
}

/// C structures that may be made empty.
private protocol ZeroInitializable {
    init()
}
extension passwd: ZeroInitializable {}
extension group: ZeroInitializable {}

extension UserRecord {
    fileprivate init(_ entry: passwd) {
        self.init(
            name: Self.text(entry.pw_name), uid: entry.pw_uid, gid: entry.pw_gid, home: Self.text(entry.pw_dir),
            shell: Self.text(entry.pw_shell))
    }

    private static func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }
}
