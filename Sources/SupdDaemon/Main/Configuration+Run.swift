import SupdConfiguration
import SupdPlugin

extension Configuration {
    /// One command under supervision, with nothing changed that it would find without supd: its environment, folder, umask,
    /// descriptors and terminal are the daemon's own. Throws the sentence that says what is wrong with an option.
    init(
        running options: RunOptions, plugins: PluginRegistrar, fileModeMask: UInt16
    ) throws(CommandLineOptions.Fault) {
        guard let policy = plugins.restartPolicies[options.restart] else {
            let close = closestWord(to: options.restart, among: plugins.restartPolicies.names)
            throw CommandLineOptions.Fault(
                message: "--restart names no policy, found '\(options.restart)'"
                    + "\(CommandLineOptions.didYouMean(close)); 'supd plugins' lists what there is")
        }
        guard let backoff = plugins.backoffs["exponential"] else {
            throw CommandLineOptions.Fault(message: "this supd is built without the backoff 'exponential'")
        }
        var service: ServiceConfiguration
        do throws(OptionError) {
            service = ServiceConfiguration(
                name: options.name, execStart: options.command.map(Self.literal),
                restart: try policy.make(PluginOptions(standardsOf: policy.options)), restartName: options.restart,
                backoff: try backoff.make(PluginOptions(standardsOf: backoff.options)), backoffName: "exponential")
        } catch {
            throw CommandLineOptions.Fault(message: "--restart \(options.restart) cannot be used here: \(error)")
        }
        service.conduct.essential = true
        service.conduct.passEnvironment = ["*"]
        // Where it is already, which may have no name any more, or be closed to this user.
        service.workingDirectory = ""
        service.conduct.umask = fileModeMask
        service.conduct.stopSteps = [StopStep(signal: options.stopSignal, wait: options.timeoutStop)]
        service.conduct.log.sink = .inherit
        service.conduct.inheritsTerminal = true
        var supervisor = SupervisorConfiguration()
        supervisor.drain.services = options.timeoutStop + .seconds(5)
        supervisor.drain.timeout = options.timeoutStop + .seconds(25)
        self.init(
            supervisor: supervisor, services: [service],
            plugins: plugins.plugins.reduce(into: [:]) { $0[$1.name] = PluginOptions(standardsOf: $1.options) })
    }

    /// A word that is itself once specifiers and variables are replaced.
    private static func literal(_ word: String) -> String {
        word.replacing("%", with: "%%").replacing("$", with: "$$")
    }
}
