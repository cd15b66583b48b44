import SupdConfiguration
import SupdHost
import SupdPlugin

/// The machine, whose files are asked for by calls that may hang without that the daemon's own threads do.
struct FileSources: ConfigurationSources {
    private let machine = SystemSources()
    private let calls: FileCalls

    /// The files that `calls` come to.
    init(_ calls: FileCalls) { self.calls = calls }

    func read(_ path: String, limit: Int) -> Result<FileContents, ErrorNumber> {
        calls { [machine] in machine.read(path, limit: limit) }
    }

    func version(of path: String) -> Result<FileVersion?, ErrorNumber> {
        calls { [machine] in machine.version(of: path) }
    }

    func glob(_ pattern: String, in folder: String) -> Result<[String], ErrorNumber> {
        calls { [machine] in machine.glob(pattern, in: folder) }
    }

    func user(named name: String) -> Result<UserRecord?, ErrorNumber> { machine.user(named: name) }
    func user(id: UInt32) -> Result<UserRecord?, ErrorNumber> { machine.user(id: id) }
    func group(named name: String) -> Result<UInt32?, ErrorNumber> { machine.group(named: name) }
    func groups(of user: String, primary: UInt32) -> Result<[UInt32], ErrorNumber> {
        machine.groups(of: user, primary: primary)
    }
    func isFolder(_ path: String) -> Bool? { machine.isFolder(path) }
    func isInTheWay(_ path: String) -> Bool? { machine.isInTheWay(path) }
    var standardSocket: String? { machine.standardSocket }
    func isProgram(_ path: String) -> Bool? { machine.isProgram(path) }
    func environmentFile(_ path: String) -> Result<[UInt8], FileProblem>? { machine.environmentFile(path) }
    func refusal(of use: FileUse, at path: String) -> ErrorNumber? { machine.refusal(of: use, at: path) }
    var privileges: Privileges? { machine.privileges }
    var ownCredentials: Credentials { machine.ownCredentials }
}
