import Manuals
import Testing

@testable import supctl

/// What the documents say of supctl is there. supctl(1) is what `supctl help all` prints, and docs/supctl.md below it.
@Suite struct ManualTests {
    @Test func noDocumentHasAVerbThatIsNotThere() throws {
        let verbs = Set(VerbSpecification.all.map(\.name) + ["help"])
        for (path, document) in try Manual.all() {
            #expect(document.words(after: "supctl").subtracting(verbs) == [], "\(path)")
        }
        #expect(Manual(text: HelpText.text(verb: HelpText.all)).words(after: "supctl").subtracting(verbs) == [])
    }

    /// In the one list of the page, and in sentences: "exits with 2".
    @Test func thePageHasTheExitCodesAndNoOther() throws {
        let codes = ExitCode.allCases.map { String($0.rawValue) }
        let chapters =
            Manual(text: HelpText.text(verb: HelpText.all)).chapters + (try Manual("docs/supctl.md")).chapters
        let items = chapters.flatMap { chapter in
            chapter.text.matches(of: /(?m)^(?:- |\| )`?(\d+)`?(?::| \|)/).map { String($0.1) }
        }
        #expect(items == codes)
        let said = chapters.flatMap { chapter in
            chapter.text.matches(of: /(?i)\b(?:with|exits|exit status|status is|it is) (\d+)\b/)
                .map { String($0.1) }
        }
        #expect(said.count >= 4)
        #expect(Set(said).subtracting(codes) == [])
    }
}
