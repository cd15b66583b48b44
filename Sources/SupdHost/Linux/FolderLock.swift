internal import CSupd
internal import Glibc
internal import SupdPlugin

/// The lock of a folder that a daemon makes for itself, by flock(2) for as long as it lives: other daemons that begin remove what is
/// called like one and nobody has locked.
enum FolderLock {
    /// How often a folder is made before it is given up, and how many microseconds are between two tries.
    private static let makings = 100
    private static let makingPause: UInt32 = 1_000

    /// Locks a folder, and answers the descriptor that holds the lock. EWOULDBLOCK where another has it.
    static func take(_ path: String) throws(ErrorNumber) -> Int32 {
        let descriptor = supd_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
        guard descriptor >= 0 else { throw ErrorNumber(-descriptor) }
        let error = -supd_lock_exclusively(descriptor)
        guard error == 0 else {
            closeDescriptor(descriptor)
            throw ErrorNumber(error)
        }
        return descriptor
    }

    /// Has `make` make the folder, and locks it. Before that it may look like one that was left, and be removed by another daemon: then it is
    /// made anew. Negative where the file system has no locks. EBUSY where another daemon keeps it locked; where what the lock takes is lacking
    /// (`ErrorNumber.isWant`) nothing is left of it, and it may be tried again.
    static func take(_ path: String, making make: () throws(ErrorNumber) -> Void) throws(ErrorNumber) -> Int32 {
        for _ in 0..<makings {
            try make()
            do throws(ErrorNumber) {
                let lock = try take(path)
                if isLock(lock, of: path) { return lock }
                closeDescriptor(lock)
            } catch {
                if error.isWant {
                    rmdir(path)
                    throw error
                }
                guard error.rawValue == EWOULDBLOCK || error.rawValue == ENOENT else { return -1 }
            }
            usleep(makingPause)
        }
        throw ErrorNumber(EBUSY)
    }

    /// Whether what is locked is what has the path now.
    private static func isLock(_ lock: Int32, of path: String) -> Bool {
        var (locked, named) = (stat(), stat())
        return lstat(path, &named) == 0 && fstat(lock, &locked) == 0 && locked.isSameFile(as: named)
    }
}
