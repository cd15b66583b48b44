import SupdPlugin
import SupdProtocol

/// What has become of an instance, a line a change.
enum StoryText {
    struct Line {
        var time: String
        var text: String
        var colour: Colour?
    }

    /// The last `count`, oldest first, and before them how many there were.
    static func lines(_ why: ServiceWhy, now: WallTime, last count: Int) -> [Line] {
        let events = told(why.history.compactMap(\.event))
        let shown = events.suffix(count)
        var lines = shown.map { event in
            Line(
                time: TimeWords.clock(event.time, now: now, milliseconds: true),
                text: EventText.sentence(event.happening, named: false),
                colour: EventText.colour(of: event.happening))
        }
        let width = lines.map { $0.time.count }.max() ?? 0
        for place in lines.indices {
            lines[place].time = String(repeating: " ", count: width - lines[place].time.count) + lines[place].time
        }
        guard events.count > shown.count || why.forgotten > 0 else { return lines }
        var before = plural(events.count + why.forgotten - shown.count, "change") + " before these"
        if events.count > shown.count { before += "; --json has what is remembered of them" }
        return [Line(time: String(repeating: " ", count: width - 1) + "…", text: before)] + lines
    }

    /// All but the moment in which what is started at once waited for its turn: it is started from what it was before.
    private static func told(_ history: [Event]) -> [Event] {
        var told: [Event] = []
        var before: WireWord<ServiceState>?
        for (place, event) in history.enumerated() {
            guard case .state(var change) = event.happening else {
                told.append(event)
                continue
            }
            change.from = before ?? change.from
            before = nil
            if change.state.known == .stopped, change.desired.known == .up, place + 1 < history.count,
                case .state(let next) = history[place + 1].happening, next.state.known == .starting
            {
                before = change.from
                continue
            }
            var event = event
            event.happening = .state(change)
            told.append(event)
        }
        return told
    }
}
