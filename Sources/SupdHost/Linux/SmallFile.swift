internal import CSupd
internal import Glibc

/// Files of the kernel's: short, read and written whole.
enum SmallFile {
    /// The most that is read of one.
    private static let limit = 1 << 20

    /// What it says; nil where it cannot be read.
    static func read(_ path: String) -> String? {
        let descriptor = supd_open(path, O_RDONLY, 0)
        guard descriptor >= 0 else { return nil }
        defer { closeDescriptor(descriptor) }
        var bytes: [UInt8] = []
        var isWhole = false
        while !isWhole, bytes.count < limit {
            let chunk = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
                count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
            }
            bytes += chunk
            isWhole = chunk.isEmpty
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes `text` with one call, and says what that failed with; 0 where it did not.
    static func write(_ path: String, _ text: String) -> Int32 {
        let descriptor = supd_open(path, O_WRONLY, 0)
        guard descriptor >= 0 else { return -descriptor }
        defer { closeDescriptor(descriptor) }
        let bytes = Array(text.utf8)
        return Glibc.write(descriptor, bytes, bytes.count) < 0 ? errno : 0
    }

    /// The names in a folder, its own and its parent's aside; nil where it cannot be read.
    static func names(in folder: String) -> [String]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
