import SupdPlugin
import SupdProtocol

/// What `why` prints: why an instance is as it is, in a paragraph, what has led there, its last lines, and what would change it.
enum WhyText {
    /// So many of the last changes are shown.
    private static let changesShown = 20

    static func text(_ services: [ServiceWhy], now: WallTime, terminal: Terminal) -> String {
        services.isEmpty ? "no services\n" : services.map { text($0, now, terminal) }.joined(separator: "\n")
    }

    private static func text(_ why: ServiceWhy, _ now: WallTime, _ terminal: Terminal) -> String {
        let page = Page(terminal)
        var text = page.paragraph(WhyParagraph(why, now: now).text)
        let story = StoryText.lines(why, now: now, last: changesShown)
        if !story.isEmpty {
            text +=
                "\n" + page.cut("What happened:")
                + story.map { page.line($0.text, beside: $0.time, $0.colour) }.joined()
        }
        let lines = CardText.log(why.log, page)
        if !lines.isEmpty { text += "\n" + page.cut("Its last lines:") + lines }
        guard !why.remedies.isEmpty else { return text }
        let whens = why.remedies.map { when($0, now) }
        let width = whens.map(DisplayText.width).max() ?? 0
        text += "\n" + page.cut("What would change it:")
        for (remedy, when) in zip(why.remedies, whens) {
            text += page.line(remedy.effect, beside: page.padded(when, to: width), nil)
        }
        return text
    }

    /// The command, or when it comes by itself.
    private static func when(_ remedy: Remedy, _ now: WallTime) -> String {
        guard remedy.command == nil else { return DisplayText.safe(remedy.command ?? "") }
        return "by itself" + (remedy.at.map { " \(TimeWords.until($0, now: now))" } ?? "")
    }
}
