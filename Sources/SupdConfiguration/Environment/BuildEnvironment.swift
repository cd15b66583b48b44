package import SupdPlugin

/// `PATH` of a service that says nothing else.
package let standardPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/// The environment of one instance at a start. Later wins: `PATH`; `HOME`, `USER`, `LOGNAME` and `SHELL` where the
/// service has a user; `pass_environment`; `environment_files` in their order; `environment`. What a pattern of `pass_environment`
/// passes on comes before the user's: `HOME` of the daemon is not that of the service's user.
///
/// `inherited` answers the daemon's own environment, `NAME=value` each; `readFile` answers the contents of a file
/// (a limit on its size is the reader's). An optional file is left out where it does not exist, and only then. `warn` is
/// told of what is left out of one.
package func buildEnvironment(
    for service: ServiceConfiguration, instance: InstanceName, inherited: () -> [[UInt8]],
    readFile: (String) -> Result<[UInt8], FileProblem>, warn: (String) -> Void = { _ in }
) throws(EnvironmentFault) -> ProcessEnvironment {
    // What supd itself adds later has its room already.
    var environment = ProcessEnvironment(minimumCapacity: service.environment.count + 8)
    environment["PATH"] = standardPath
    let passed =
        service.conduct.passEnvironment.isEmpty
        ? nil : PassedEnvironment(service.conduct.passEnvironment, of: inherited())
    for (name, value) in passed?.byPattern ?? [] { environment.set(name, to: value) }
    if let identity = service.conduct.identity {
        environment["HOME"] = identity.home
        environment["SHELL"] = identity.shell
        environment["USER"] = identity.userName
        environment["LOGNAME"] = identity.userName
    }
    for (name, value) in passed?.byName ?? [] { environment.set(name, to: value) }
    for file in service.conduct.environmentFiles {
        for variable in try variables(of: file, readFile: readFile, warn: warn) {
            environment[variable.name] = variable.value
        }
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
    of file: EnvironmentFile, readFile: (String) -> Result<[UInt8], FileProblem>, warn: (String) -> Void
) throws(EnvironmentFault) -> [(name: String, value: String)] {
    switch readFile(file.path) {
    case .success(let bytes):
        do {
            let contents = try EnvironmentFileParser.parse(bytes)
            if let first = contents.ignored.first {
                let why = EnvironmentFileParser.whyIgnored(andMore: contents.ignored.count - 1)
                warn("environment file \(file.path):\(first): \(why)")
            }
            return contents.variables
        } catch {
            throw .malformed(path: file.path, line: error.line, message: error.message)
        }
    case .failure(let problem):
        if file.optional, problem.error.isAbsence { return [] }
        throw .unreadable(path: file.path, problem)
    }
}
