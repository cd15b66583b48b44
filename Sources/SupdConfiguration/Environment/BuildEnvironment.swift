public import SupdPlugin

/// `PATH` of a service that says nothing else.
public let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/// The environment of one instance at a start. Later wins: `PATH`; `HOME`, `USER`, `LOGNAME` and `SHELL` where the
/// service has a user; `pass_environment`; `environment_files` in their order; `environment`.
///
/// Files are read anew at every call. `inherited` answers for the daemon's own environment; `readFile` reads a file whole
/// (a limit on its size is the reader's). An optional file is left out where it does not exist, and only then.
public func buildEnvironment(
    for service: ServiceConfiguration, instance: InstanceName, inherited: (String) -> String?,
    readFile: (String) -> Result<[UInt8], ErrorNumber>
) throws(EnvironmentFault) -> ProcessEnvironment {
    var environment = ProcessEnvironment(["PATH": standardPath])
    if let identity = service.identity {
        environment["HOME"] = identity.home
        environment["SHELL"] = identity.shell
        environment["USER"] = identity.userName
        environment["LOGNAME"] = identity.userName
    }
    for name in service.passEnvironment {
        if let value = inherited(name) { environment[name] = value }
    }
    for file in service.environmentFiles {
        for variable in try variables(of: file, readFile: readFile) { environment[variable.name] = variable.value }
    }
    for variable in service.environment {
        do {
            environment[variable.name] = try expandSpecifiers(variable.value, instance: instance)
        } catch {
            throw .unexpandable(name: variable.name, error)
        }
    }
    return environment
}

private func variables(
    of file: EnvironmentFile, readFile: (String) -> Result<[UInt8], ErrorNumber>
) throws(EnvironmentFault) -> [(name: String, value: String)] {
    switch readFile(file.path) {
    case .success(let bytes):
        do {
            return try EnvironmentFileParser.parse(bytes)
        } catch {
            throw .malformed(path: file.path, line: error.line, message: error.message)
        }
    case .failure(let error):
        if file.optional, error.isAbsence { return [] }
        throw .unreadable(path: file.path, error)
    }
}
