import Manuals
import StandardPlugins
import SupdPlugin
import Testing

/// The manual has what the plugins of supd bring and each of their options, with its bounds and its standard value, and no other.
@Suite struct PluginManualTests {
    private let plugins = PluginRegistrar(StandardPlugins.all)
    private let chapters: [Manual.Chapter]
    private let policies: Manual.Chapter

    init() throws {
        chapters = try Manual("docs/plugins.md").chapters
        policies = try #require(try Manual("docs/configuration.md").chapters.first { $0.heading == "Policies" })
    }

    /// How the manual writes a value; nil of one that is nothing, which it says in its own words.
    private func text(_ value: OptionValue) -> String? {
        switch value {
        case .duration(let value): value == .zero ? nil : value.text
        case .number(let value): value == value.rounded() ? "\(Int(value))" : "\(value)"
        case .integer(let value): "\(value)"
        case .word(let value), .text(let value): value.isEmpty ? nil : "`\"\(value)\"`"
        case .boolean(let value): "\(value)"
        case .texts(let values): values.isEmpty ? nil : "`[\(values.map { "\"\($0)\"" }.joined(separator: ", "))]`"
        case .exitStatuses, .tables: nil
        }
    }

    /// How it writes what is taken, where there is one way to.
    private func form(_ type: OptionType) -> String? {
        switch type {
        case .number(let bounds): "\(Int(bounds.lowerBound))…\(Int(bounds.upperBound))"
        case .integer(let bounds): "\(bounds.lowerBound)…\(bounds.upperBound)"
        case .word(let words): words.map { "`\"\($0)\"`" }.joined(separator: ", ")
        default: nil
        }
    }

    // MARK: docs/plugins.md

    /// The tables of options that a chapter is to have: of the plugin itself, or of what it brings under a name, and of the tables among them.
    private var declared: [[String]: [[OptionDeclaration]]] {
        func withTables(_ options: [OptionDeclaration]) -> [[OptionDeclaration]] {
            let inner = options.compactMap { if case .tables(let options) = $0.type { options } else { nil } }
            return [options] + inner.flatMap(withTables)
        }
        func chapter(_ plugin: any Plugin) -> String { "\(type(of: plugin))" }
        var declared: [[String]: [[OptionDeclaration]]] = [:]
        func add<Value>(_ table: PluginTable<Value>) {
            for entry in table.entries.values {
                let plugin = plugins.plugins.first { $0.name == entry.plugin }.map(chapter) ?? entry.plugin
                let tables = withTables(entry.options)
                #expect(declared.updateValue(tables, forKey: [plugin, entry.name]) ?? tables == tables)
            }
        }
        for plugin in plugins.plugins where !plugin.options.isEmpty {
            declared[[chapter(plugin)]] = withTables(plugin.options)
        }
        add(plugins.shutdownHooks)
        add(plugins.readinessProbes)
        add(plugins.healthProbes)
        add(plugins.logSinks)
        return declared
    }

    /// Those that there are; a chapter of two names counts for each.
    private var shown: [[String]: [Manual.Table]] {
        var shown: [[String]: [Manual.Table]] = [:]
        for chapter in chapters {
            let tables = chapter.tables.filter { $0.head[0] == "option" }
            guard !tables.isEmpty else { continue }
            for name in chapter.names {
                #expect(shown.updateValue(tables, forKey: chapter.path.dropLast() + [name]) == nil, "\(chapter.path)")
            }
        }
        return shown
    }

    @Test func everyOptionIsThereAndNoOther() {
        let (declared, shown) = (declared, shown)
        #expect(Set(shown.keys) == Set(declared.keys))
        for (place, tables) in declared {
            let names = (shown[place] ?? []).map { $0.rows.map { Manual.plain($0[0]) }.sorted() }
            #expect(names == tables.map { $0.map(\.name).sorted() }, "docs/plugins.md, \(place)")
        }
    }

    @Test func everyOptionHasItsFormAndItsStandard() {
        for (place, tables) in declared {
            for (table, options) in zip(shown[place] ?? [], tables) {
                let (forms, standards) = (table.column("form") ?? [:], table.column("standard") ?? [:])
                for option in options {
                    if let form = form(option.type) { #expect(forms[option.name] == form, "\(place) \(option.name)") }
                    let standard = standards[option.name] ?? ""
                    #expect((standard == "required") == (option.standard == nil), "\(place) \(option.name)")
                    if let text = option.standard.flatMap(text) {
                        #expect(standard == text, "\(place) \(option.name)")
                    }
                }
            }
        }
    }

    // MARK: "Policies" of docs/configuration.md

    private func rows(_ head: String) -> [[String]] { policies.tables.first { $0.head[0] == head }?.rows ?? [] }

    /// What `text` says of options: "`name` = value (bounds)", by their names.
    private func said(in text: String) -> [String: String] {
        let all = text.matches(of: /`(\w+)` = (`[^`]+`|[^ ,;.]+)(?: \((-?\d+…\d+)\))?/).map { match in
            (String(match.1), "\(match.2)\(match.3.map { " (\($0))" } ?? "")")
        }
        return Dictionary(all) { "\($0) and \($1)" }
    }

    /// The same as an option is declared; nil where the manual has its own words for it.
    private func expected(_ option: OptionDeclaration) -> String? {
        guard let text = option.standard.flatMap(text) else { return nil }
        if case .word = option.type { return text }
        return text + (form(option.type).map { " (\($0))" } ?? "")
    }

    @Test func everyRestartPolicyAndItsOptionsAreThere() throws {
        let rows = rows("restart")
        #expect(rows.map { Manual.plain($0[0]) }.sorted() == plugins.restartPolicies.names)
        let ofAll = try #require(policies.passage("The last four take options."))
        for row in rows {
            let name = Manual.plain(row[0])
            let options = try #require(plugins.restartPolicies[name]).options
            let own = row[1] + " " + (policies.passage("- \(row[0]) ") ?? "")
            let shared = options.contains { $0.name == "base" } ? ofAll : ""
            var said = said(in: own + " " + shared)
            // What stands there as an example of a whole table is no sentence about an option.
            said = said.filter { name != "by-status" || $0.key == "otherwise" }
            #expect(said == values(options), "docs/configuration.md, the restart policy '\(name)'")
            let words = Set(Manual.spans(own + " " + shared))
            for option in options { #expect(words.contains(option.name), "\(name): \(option.name)") }
            guard !options.isEmpty else { continue }
            let inRow = Set(Manual.spans(row[1]).filter { !$0.hasPrefix("\"") })
            #expect(inRow.subtracting(options.map(\.name)) == [], "docs/configuration.md, the restart policy '\(name)'")
        }
    }

    @Test func everyBackoffAndItsOptionsAreThere() throws {
        let rows = rows("backoff")
        #expect(rows.map { Manual.plain($0[0]) }.sorted() == plugins.backoffs.names)
        let common = try #require(policies.passage("All three take"))
        for row in rows {
            let name = Manual.plain(row[0])
            let options = try #require(plugins.backoffs[name]).options
            let ofAll = options.filter { option in
                plugins.backoffs.entries.values.allSatisfy { $0.options.contains { $0.name == option.name } }
            }
            let own = options.filter { !ofAll.contains($0) }
            #expect(Manual.spans(row[1]) == own.map(\.name), "docs/configuration.md, the backoff '\(name)'")
            #expect(said(in: row[1]) == values(own), "docs/configuration.md, the backoff '\(name)'")
            for option in ofAll {
                #expect(Manual.spans(common).contains(option.name))
                guard case .word(let words) = option.type else {
                    #expect(said(in: common)[option.name] == expected(option))
                    continue
                }
                // It differs from one backoff to another, and each is named with its own.
                #expect(Set(Manual.spans(common)).isSuperset(of: words.map { "\"\($0)\"" }), "\(option.name)")
                #expect(common.contains("\(option.standard.flatMap(text) ?? "") for"), "\(option.name)")
            }
            #expect(Set(said(in: common).keys).subtracting(ofAll.map(\.name)) == [])
        }
    }

    private func values(_ options: [OptionDeclaration]) -> [String: String] {
        options.reduce(into: [:]) { $0[$1.name] = expected($1) }
    }
}
