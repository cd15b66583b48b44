package import SupdPlugin

/// The command that `words` make for one instance: specifiers (see `expandSpecifiers`), then variables.
///
/// `${NAME}` and `$NAME` become the variable's value, nothing where it is not set, and `$$` a dollar sign. A word that
/// is `$NAME` and nothing else is replaced by the value's words, split at blanks, perhaps none (systemd.service(5),
/// "Command lines"). What a variable brings in is not expanded again. A dollar sign before anything else is itself.
package func expandCommand(
    _ words: [String], instance: InstanceName, environment: ProcessEnvironment
) throws(ExpansionFault) -> [String] {
    var result: [String] = []
    for word in words {
        let word = try expandSpecifiers(word, instance: instance)
        if let name = loneVariable(word) {
            let value = environment[name] ?? ""
            result += value.utf8.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map { String(Substring($0)) }
        } else {
            result.append(try expandVariables(word) { environment[$0] ?? "" })
        }
    }
    guard let program = result.first, !program.isEmpty else { throw .noProgram }
    return result
}

/// The names of the variables that `expandCommand` looks for in `words`, each once, in their order.
func variableNames(in words: [String]) -> [String] {
    var names: [String] = []
    func note(_ name: String) -> String {
        if !names.contains(name) { names.append(name) }
        return ""
    }
    for word in words {
        // What cannot be expanded has been refused.
        if let name = loneVariable(word) { _ = note(String(name)) } else { _ = try? expandVariables(word, value: note) }
    }
    return names
}

/// NAME, where a word is `$NAME`.
private func loneVariable(_ word: String) -> Substring? {
    guard word.utf8.first == UInt8(ascii: "$") else { return nil }
    let name = word.dropFirst()
    return VariableName.isValid(name) ? name : nil
}

private func expandVariables(_ word: String, value: (String) -> String) throws(ExpansionFault) -> String {
    guard hasByte(UInt8(ascii: "$"), word) else { return word }
    var result: [UInt8] = []
    var rest = Array(word.utf8)[...]
    while let dollar = rest.firstIndex(of: UInt8(ascii: "$")) {
        result += rest[..<dollar]
        let after = rest[(dollar + 1)...]
        switch after.first {
        case UInt8(ascii: "$"):
            result.append(UInt8(ascii: "$"))
            rest = after.dropFirst()
        case UInt8(ascii: "{"):
            let name = String(decoding: after.dropFirst().prefix { $0 != UInt8(ascii: "}") }, as: UTF8.self)
            guard name.utf8.count + 2 <= after.count, VariableName.isValid(name) else {
                throw .brokenVariable(shortened(String(decoding: rest[dollar...], as: UTF8.self)))
            }
            result += value(name).utf8
            rest = after.dropFirst(name.utf8.count + 2)
        case let first? where VariableName.isStart(first):
            let name = after.prefix { VariableName.isPart($0) }
            result += value(String(decoding: name, as: UTF8.self)).utf8
            rest = after[name.endIndex...]
        default:
            result.append(UInt8(ascii: "$"))
            rest = after
        }
    }
    return String(decoding: result + rest, as: UTF8.self)
}
