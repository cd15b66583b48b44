import Foundation
import Testing

/// What SECURITY.md promises is held by tests that are there.
struct SecurityTests {
    @Test func eachPromiseNamesTestsThatAreThere() throws {
        let text = try String(contentsOfFile: "\(Programs.root)/SECURITY.md", encoding: .utf8)
        let promises = text.components(separatedBy: "\n## What is promised")
        try #require(promises.count == 2)
        let section = promises[1].components(separatedBy: "\n## ")[0]
        let rows = section.components(separatedBy: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
        #expect(rows.count > 20)
        let suites = try Self.suites()
        for row in rows {
            let names = row.matches(of: /`([A-Za-z]+)\/([A-Za-z0-9]+)`/)
            #expect(!names.isEmpty, "no test is named: \(row)")
            for name in names {
                let isThere = suites[String(name.1)]?.contains { $0.contains("func \(name.2)(") } == true
                #expect(isThere, "there is no test \(name.1)/\(name.2)")
            }
        }
    }

    /// The sources of each suite, by its name.
    private static func suites() throws -> [String: [String]] {
        var suites: [String: [String]] = [:]
        let enumerator = FileManager.default.enumerator(atPath: "\(Programs.root)/Tests")
        while let name = enumerator?.nextObject() as? String {
            guard name.hasSuffix("Tests.swift") else { continue }
            let text = try String(contentsOfFile: "\(Programs.root)/Tests/\(name)", encoding: .utf8)
            for suite in text.matches(of: /(?:struct|class|enum|extension) ([A-Za-z]+Tests)\b/) {
                suites[String(suite.1), default: []].append(text)
            }
        }
        return suites
    }
}
