import Foundation
import Testing

/// The rules of CONTRIBUTING.md that a machine can hold people to.
struct HouseRulesTests {
    private struct File {
        let path: String
        let lines: [String]
    }

    /// Every Swift and C file below these folders of the package.
    private static func files(_ folders: String...) throws -> [File] {
        var files: [File] = []
        for folder in folders {
            let enumerator = FileManager.default.enumerator(atPath: "\(Programs.root)/\(folder)")
            while let name = enumerator?.nextObject() as? String {
                // What a tutorial shows is the example's, and held to that by a test of its own.
                guard [".swift", ".c", ".h"].contains(where: name.hasSuffix), !name.contains(".docc/") else { continue }
                let path = "\(folder)/\(name)"
                let text = try String(contentsOfFile: "\(Programs.root)/\(path)", encoding: .utf8)
                files.append(File(path: path, lines: text.components(separatedBy: "\n")))
            }
        }
        try #require(files.count > 10, "the sources are not at \(Programs.root)")
        return files
    }

    /// The places, as FILE:LINE, where code (no comment) has one of these.
    private static func places(of words: [String], in files: [File]) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().filter { _, line in
                let code = line.components(separatedBy: "//")[0]
                return words.contains { code.contains($0) }
            }.map { "\(file.path):\($0.offset + 1): \($0.element)" }
        }
    }

    @Test func noFileIsOver500Lines() throws {
        let long = try Self.files("Sources", "Plugins", "Tests").filter { $0.lines.count > 501 }
        #expect(long.map { "\($0.path): \($0.lines.count - 1) lines" } == [])
    }

    @Test func nothingOfTheProductCanTrapOnPurpose() throws {
        let words = ["try" + "!", "as" + "!", "fatal" + "Error("]
        #expect(Self.places(of: words, in: try Self.files("Sources", "Plugins")) == [])
    }

    @Test func testsWaitForFactsNotForTime() throws {
        let words = ["Thread." + "sleep", "usleep" + "(", "Task." + "sleep", "nano" + "sleep("]
        let files = try Self.files("Tests").filter { $0.path.hasSuffix(".swift") && !$0.path.contains("/Benchmarks/") }
        #expect(Self.places(of: words, in: files) == [])
    }

    /// One of the common pool waits for whoever computes there (`OwnThreads`), which is a minute at times.
    @Test func tasksOfTheAcceptanceTestsHaveThreadsOfTheirOwn() throws {
        let words = ["Task" + " {", "Task" + ".detached {"]
        let places = Self.places(of: words, in: try Self.files("Tests/Acceptance"))
        #expect(places.filter { !$0.contains("addTask") } == [])
    }

    /// Its executable does without Dispatch (`Sources/CSupd/before_main.c`), on which all that is asynchronous runs.
    @Test func supctlDoesNothingAsynchronously() throws {
        let words = [" await ", "(await ", "Task" + " {", "Task" + ".detached", "import Dispatch"]
        #expect(Self.places(of: words, in: try Self.files("Sources/supctl", "Sources/SupdConnection")) == [])
    }

    /// A literal asks the runtime for the type of its pairs, 2,000 instructions for each kind, and there are a hundred before the first service
    /// runs. `[Key: Value]()` asks for nothing.
    @Test func emptyDictionariesAreMadeWithoutLiterals() throws {
        let places = Self.places(of: ["] = [" + ":]"], in: try Self.files("Sources", "Plugins"))
        #expect(places.filter { $0.contains(" var ") || $0.contains(" let ") } == [])
    }

    @Test func theProductDoesNotUseFoundation() throws {
        let imports = try Self.files("Sources", "Plugins").flatMap { file in
            file.lines.filter { $0.contains("import Foundation") && !$0.hasPrefix("//") }.map { "\(file.path): \($0)" }
        }
        #expect(imports == [])
    }

    @Test func nothingIsLeftForLater() throws {
        let words = ["TO" + "DO", "FIX" + "ME"]
        let left = try Self.files("Sources", "Plugins", "Tests").flatMap { file in
            file.lines.filter { line in words.contains { line.contains($0) } }.map { "\(file.path): \($0)" }
        }
        #expect(left == [])
    }

    @Test func aPluginImportsNothingOfSupdButItsAPI() throws {
        let imports = try Self.files("Plugins").flatMap { file in
            file.lines.filter { $0.contains("import Supd") && !$0.hasSuffix("import SupdPlugin") }
                .map { "\(file.path): \($0)" }
        }
        #expect(imports == [])
    }
}
