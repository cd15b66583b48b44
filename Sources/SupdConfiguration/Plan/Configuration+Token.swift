import SupdPlugin

extension Configuration {
    /// A word for everything that it says: the same for every load of files that say the same in the same order of services, on every
    /// machine and in every run, and another after any change. 32 hexadecimal digits.
    ///
    /// It takes time in proportion to the configuration. Accounts and files that are read at each start are no part of it, as they are
    /// none of the configuration.
    package var token: String {
        var hash = StableHash()
        func add(_ name: String, _ text: SettingsText) {
            hash.add(name.utf8)
            hash.addBoundary()
            hash.add(text.own)
            hash.addBoundary()
            hash.add(text.common)
            hash.addBoundary()
        }
        add("", supervisor.text)
        for (name, text) in pluginTexts.sorted(by: { $0.key < $1.key }) where text != SettingsText() { add(name, text) }
        hash.addBoundary()
        for index in services.indices { add(services[index].name.rawValue, services[index].text) }
        return hash.text
    }
}
