import Glibc

/// A folder of a test's own, removed at the end with what the test left in it.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    let folder = try temporaryFolder()
    defer { removeTree(folder) }
    try body(folder)
}

/// The same for what takes several threads.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let folder = try temporaryFolder()
    defer { removeTree(folder) }
    try await body(folder)
}

private func temporaryFolder() throws -> String {
    var template = Array("/tmp/supd-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXFailure(errno) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

struct POSIXFailure: Error {
    var number: Int32
    init(_ number: Int32) { self.number = number }
}

private func removeTree(_ path: String) {
    if let stream = opendir(path) {
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { removeTree("\(path)/\(name)") }
        }
        closedir(stream)
    }
    remove(path)
}

func writeFile(_ path: String, _ contents: String, mode: mode_t = 0o644) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw POSIXFailure(errno) }
    defer { close(descriptor) }
    let bytes = Array(contents.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw POSIXFailure(errno) }
    fchmod(descriptor, mode)
}

func readWholeFile(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var contents: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: contents, as: UTF8.self) }
        contents += buffer.prefix(count)
    }
}

/// The descriptors that this process has open.
func openDescriptorCount() -> Int {
    openDescriptors().count
}

/// What this process has open: `7 anon_inode:[pidfd]`.
func openDescriptors() -> [String] {
    guard let stream = opendir("/proc/self/fd") else { return [] }
    defer { closedir(stream) }
    var found: [String] = []
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        var target = [UInt8](repeating: 0, count: 256)
        let length = target.withUnsafeMutableBytes {
            readlink("/proc/self/fd/\(name)", $0.bindMemory(to: CChar.self).baseAddress!, $0.count)
        }
        found.append("\(name) \(String(decoding: target.prefix(max(length, 0)), as: UTF8.self))")
    }
    return found
}
