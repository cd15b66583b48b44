package import SupdConfiguration
package import SupdHost

/// The files that a configuration is read from. All calls wait for the disk, and are not made on the loop's thread.
package struct ConfigurationFiles: Sendable {
    /// Reads the configuration, and all that it includes, with the calls it is given.
    package let load: @Sendable (FileCalls) -> Result<Configuration, ConfigurationFaults>
    /// Which of these say something else by now, or are not there any more.
    package let changes: @Sendable ([FileStamp]) -> [String]

    /// What each of these services, which are in force, is told, and where the files say so.
    package let definitions: @Sendable ([ServiceConfiguration], FileCalls) -> [DefinitionInForce]

    /// The files that these calls ask.
    package init(
        load: @escaping @Sendable (FileCalls) -> Result<Configuration, ConfigurationFaults>,
        changes: @escaping @Sendable ([FileStamp]) -> [String] = { _ in [] },
        definitions: @escaping @Sendable ([ServiceConfiguration], FileCalls) -> [DefinitionInForce] = { _, _ in
            []
        }
    ) {
        self.load = load
        self.changes = changes
        self.definitions = definitions
    }
}
