internal import Glibc
package import SupdPlugin

/// Why a command or a value could not be expanded.
package enum ExpansionFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A percent sign with something after it that is no specifier.
    case unknownSpecifier(String)
    /// `${` without a name and a closing brace.
    case brokenVariable(String)
    /// After expansion there is no program to run.
    case noProgram

    /// What is wrong and what to do, as half a sentence.
    package var description: String {
        switch self {
        case .unknownSpecifier(let text):
            "'\(text)' is not a specifier: known are %i (instance), %n (service), and %% for a percent sign"
        case .brokenVariable(let text):
            "'\(text)' is not a variable: write ${NAME}, or $$ for a dollar sign"
        case .noProgram:
            "nothing is left of the program's name once variables are replaced"
        }
    }
}

/// `text` with `%i` replaced by the instance's index (nothing where the service has one instance), `%n` by the
/// service's name and `%%` by a percent sign. Variables are left as they are.
///
/// The values of `environment`, `working_directory` and `log.file` take specifiers, and nothing else.
package func expandSpecifiers(_ text: String, instance: InstanceName) throws(ExpansionFault) -> String {
    guard hasByte(UInt8(ascii: "%"), text) else { return text }
    var result = ""
    var rest = text.unicodeScalars[...]
    while let percent = rest.firstIndex(of: "%") {
        result.unicodeScalars += rest[..<percent]
        let after = rest[percent...].dropFirst()
        switch after.first {
        case "%": result += "%"
        case "n": result += instance.service.rawValue
        case "i": result += instance.index.map(String.init) ?? ""
        case let other?: throw .unknownSpecifier("%\(other)")
        case nil: throw .unknownSpecifier("%")
        }
        rest = after.dropFirst()
    }
    result.unicodeScalars += rest
    return result
}

/// Whether specifiers or variables make something else of a word.
func isReplaced(_ word: String) -> Bool { hasByte(UInt8(ascii: "%"), word) || hasByte(UInt8(ascii: "$"), word) }

/// Whether a text has a byte in it. Most words of a command have none of those that mean something, and all of them are asked about at every
/// start.
func hasByte(_ byte: UInt8, _ text: String) -> Bool {
    let found = text.utf8.withContiguousStorageIfAvailable { bytes in
        bytes.baseAddress.map { memchr($0, Int32(byte), bytes.count) != nil } ?? false
    }
    return found ?? text.utf8.contains(byte)
}
