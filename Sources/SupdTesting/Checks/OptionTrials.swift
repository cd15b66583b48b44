import SupdPlugin
import Synchronization

/// The options that something of a plugin is tried with.
struct OptionTrials {
    private let whose: String
    /// Every standard value; nil where an option has none.
    private let standards: PluginOptions?
    /// A value for each option that has no standard, and a table in every list of tables; nil where that changes nothing.
    private let madeUp: PluginOptions?

    /// Trials for what takes `declarations`; nil where these are no declarations, which is told.
    init?(_ declarations: [OptionDeclaration], _ whose: String, _ faults: inout [String]) {
        self.whose = whose
        guard Self.areSound(declarations, whose, &faults) else { return nil }
        let hasAll = declarations.allSatisfy { $0.standard != nil }
        standards = hasAll ? PluginOptions(standardsOf: declarations) : nil
        let hasTables = declarations.contains { if case .tables = $0.type { true } else { false } }
        madeUp = hasAll && !hasTables ? nil : Self.madeUp(declarations)
    }

    /// Has `make` take each of them, and tells what it refuses that it must not, and what it asks for that is not there.
    func run(
        _ faults: inout [String],
        _ make: (PluginOptions, _ isStandard: Bool, inout [String]) throws(OptionError) -> Void
    ) {
        let misuses = MisuseList()
        OptionMisuse.$listener.withValue({ misuses.note($0) }) {
            do throws(OptionError) {
                if let standards { try make(standards, true, &faults) }
            } catch {
                faults.append("\(whose) refuses its own standard options: \(error.message)")
            }
            if let madeUp { try? make(madeUp, false, &faults) }
        }
        faults += misuses.all.map { "\(whose) \($0)" }
    }

    private static func areSound(
        _ declarations: [OptionDeclaration], _ whose: String, _ faults: inout [String]
    ) -> Bool {
        var names: Set<String> = []
        for declaration in declarations {
            guard names.insert(declaration.name).inserted else {
                faults.append("\(whose) declares the option '\(declaration.name)' twice")
                return false
            }
            if let standard = declaration.standard, !declaration.type.admits(standard) {
                faults.append(
                    "\(whose) gives the option '\(declaration.name)' a standard value that is not of its type")
                return false
            }
            if case .tables(let members) = declaration.type {
                let place = "\(whose), in '\(declaration.name)',"
                guard areSound(members, place, &faults) else { return false }
            }
        }
        return true
    }

    private static func madeUp(_ declarations: [OptionDeclaration]) -> PluginOptions {
        var values = [String: OptionValue]()
        for declaration in declarations {
            if case .tables(let members) = declaration.type {
                values[declaration.name] = .tables([madeUp(members)])
            } else {
                values[declaration.name] = declaration.standard ?? declaration.type.example
            }
        }
        return PluginOptions(values)
    }
}

/// What was asked for and is not there, each once.
final class MisuseList: Sendable {
    private let misuses = Mutex<[OptionMisuse]>([])

    var all: [OptionMisuse] { misuses.withLock { $0 } }

    func note(_ misuse: OptionMisuse) {
        misuses.withLock { if !$0.contains(misuse) { $0.append(misuse) } }
    }
}

extension OptionType {
    /// A value of this type.
    fileprivate var example: OptionValue {
        switch self {
        case .duration: .duration(.seconds(1))
        case .number(let range): .number(range.lowerBound)
        case .integer(let range): .integer(range.lowerBound)
        case .word(let words): .word(words.first ?? "")
        case .boolean: .boolean(false)
        case .text: .text("text")
        case .path: .text("/nonexistent")
        case .texts: .texts(["text"])
        case .command: .texts(["/bin/true"])
        case .exitStatuses: .exitStatuses(ExitStatusSet())
        case .service: .text("service")
        case .tables: .tables([])
        }
    }

    /// Whether `value` may be the standard of an option of this type. Beyond what the configuration admits, an empty text or
    /// list may stand for nothing.
    fileprivate func admits(_ value: OptionValue) -> Bool {
        switch (self, value) {
        case (.duration, .duration(let duration)): duration >= .zero
        case (.number(let range), .number(let number)): range.contains(number)
        case (.number(let range), .integer(let number)): range.contains(Double(number))
        case (.integer(let range), .integer(let number)): range.contains(number)
        case (.word(let words), .word(let word)): words.contains(word)
        case (.path, .text(let path)): path.isEmpty || path.hasPrefix("/")
        case (.boolean, .boolean), (.text, .text), (.texts, .texts), (.command, .texts), (.service, .text),
            (.exitStatuses, .exitStatuses), (.tables, .tables):
            true
        default: false
        }
    }
}
