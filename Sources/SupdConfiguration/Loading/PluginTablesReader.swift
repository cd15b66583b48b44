import SupdPlugin

/// Reads `[plugins.NAME]`: the options of each plugin of the daemon.
struct PluginTablesReader {
    let context: LoadContext

    /// Tells what is wrong with the tables of one file, and answers them by plugin.
    func tables(_ subject: Subject) -> [(name: String, subject: Subject, place: Place)] {
        guard let tables = subject.settings else {
            subject.refuse("a table of plugins, as in [plugins.NAME]")
            return []
        }
        let names = context.plugins.plugins.map(\.name)
        return tables.list.compactMap { table in
            guard names.contains(table.key) else {
                var message = "no plugin of this supd is named '\(shortened(table.key))'; 'supd plugins' lists them"
                if let close = closestWord(to: table.key, among: names) { message += "; did you mean '\(close)'?" }
                context.faults.add(message, at: table.place)
                return nil
            }
            let member = subject.member(table)
            guard member.settings != nil else {
                member.refuse("a table, as in [plugins.\(table.key)]")
                return nil
            }
            return (table.key, member, table.place)
        }
    }

    /// The options of `plugin`, whose table is `subject` where it has one; nil where something is wrong with them, and where they are not
    /// the whole of what is said.
    func options(of plugin: any Plugin, _ subject: Subject?, isWhole: Bool, at place: Place) -> PluginOptions? {
        let settings = subject?.settings
        let reader = OptionsReader(
            declarations: plugin.options, owner: "plugin '\(plugin.name)'", faults: context.faults,
            references: context.references)
        guard let options = reader.options(settings, of: subject, isWhole: isWhole, at: place), isWhole
        else { return nil }
        do {
            try plugin.validate(options)
            return options
        } catch {
            reader.tell(error, settings, of: subject, at: place)
            return nil
        }
    }
}
