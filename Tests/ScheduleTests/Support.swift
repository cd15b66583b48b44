import SupdPlugin
import Testing

@testable import Schedule

/// Options as `[plugins.schedule]` would have them, each schedule with its standard values beneath.
func options(_ schedules: [[String: OptionValue]], _ others: [String: OptionValue] = [:]) -> PluginOptions {
    var values = others
    values["schedules"] = .tables(
        schedules.map { own in
            var table = own
            for option in ScheduleEntry.options where table[option.name] == nil {
                table[option.name] = option.standard
            }
            return PluginOptions(table)
        })
    for option in ScheduleSettings.options where values[option.name] == nil { values[option.name] = option.standard }
    return PluginOptions(values)
}

/// The machine of one schedule of the service `job`.
func line(_ settings: [String: OptionValue], zone: CivilTime = .utc) throws -> ScheduleLine {
    let all = settings.merging(["service": .text("job")]) { $1 }
    let entry = try #require(ScheduleSettings(options([all])).entries.first)
    return ScheduleLine(entry, zone: zone)
}

/// A moment at which clocks show `text`, `passed` after the machine was started.
func moment(_ text: String, passed: Duration = .zero) throws -> Moment {
    Moment(
        wall: try #require(TimeText.parse(text)),
        elapsed: MonotonicInstant(nanoseconds: passed.clampedNanoseconds))
}

extension Moment {
    /// So long after this one, on a clock that nobody sets.
    func after(_ duration: Duration) -> Moment {
        Moment(
            wall: WallTime(nanoseconds: wall.nanoseconds + duration.clampedNanoseconds),
            elapsed: elapsed.advanced(by: duration))
    }

    /// The same moment with the clock set forward, or back.
    func set(by duration: Duration) -> Moment {
        Moment(wall: WallTime(nanoseconds: wall.nanoseconds + duration.clampedNanoseconds), elapsed: elapsed)
    }
}
