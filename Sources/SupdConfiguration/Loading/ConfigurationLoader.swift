package import SupdPlugin

/// Reads a configuration: text in, a checked value or everything that is wrong with it out.
///
/// A load asks `sources` and changes nothing; it may be repeated at any time, and two loads of the same files are the
/// same. Whatever the files hold, it ends and never traps.
package struct ConfigurationLoader: Sendable {
    let plugins: PluginRegistrar
    let sources: any ConfigurationSources
    private let fileOption: String?

    /// A loader that knows the policies of `plugins` and reads from `sources`. Who reads its faults and can name another main file does so
    /// with `fileOption`.
    package init(plugins: PluginRegistrar, sources: any ConfigurationSources, fileOption: String? = nil) {
        self.plugins = plugins
        self.sources = sources
        self.fileOption = fileOption
    }

    /// The configuration of the file at `path` and all that it includes, or every fault there is.
    package func load(path: String) -> Result<Configuration, ConfigurationFaults> {
        let context = LoadContext(plugins: plugins, sources: sources, fileOption: fileOption)
        let (roots, isComplete) = FileReader.read(path, context: context)
        var assembly = Assembly(context: context)
        for root in roots { assembly.add(root) }
        var configuration = assembly.configuration(allWereRead: isComplete)
        if let faults = context.faults.faults() { return .failure(faults) }
        configuration.warnings = context.faults.warnings()
        configuration.files = context.files
        return .success(configuration)
    }

    /// The paths of `files`, and the patterns among them, where something else is to be read now, in their order. What cannot be
    /// looked at is not among them. It asks `sources` for each, and may wait for the disk as a load does, but reads no file.
    package func changes(since files: [FileStamp]) -> [String] { files.filter(hasChanged).map(\.path) }

    private func hasChanged(_ stamp: FileStamp) -> Bool {
        switch stamp {
        case .file(let path, let version): version.isAnother(than: sources.version(of: path))
        case .pattern(let pattern, let folder, let matches):
            switch sources.glob(pattern, in: folder) {
            case .success(let now): now != matches
            case .failure: false
            }
        }
    }
}
