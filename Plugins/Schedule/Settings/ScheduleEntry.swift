import SupdPlugin

/// One item of `schedules`, checked.
struct ScheduleEntry: Hashable, Sendable {
    /// A shorter interval is no schedule but a service that runs all the time.
    static let shortestInterval: Duration = .seconds(1)

    static let options = [
        OptionDeclaration("service", .service, standard: nil, "What is started: mostly a oneshot that is not enabled."),
        OptionDeclaration(
            "name", .text, standard: .text(""), "What the schedule is called; without it, as its service is."),
        OptionDeclaration(
            "cron", .text, standard: .text(""),
            "Minute, hour, day, month and weekday as in crontab(5), or @hourly, @daily, @weekly, @monthly, @yearly."),
        OptionDeclaration("every", .duration, standard: .duration(.zero), "The time from start to start, at least 1s."),
        OptionDeclaration("at_start", .boolean, standard: .boolean(false), "Whether it runs when supd starts."),
        OptionDeclaration(
            "jitter", .duration, standard: .duration(.zero), "Each run is late by chance, by so much at most."),
        OptionDeclaration(
            "overlap", .word(Overlap.allCases.map(\.rawValue)), standard: .word(Overlap.skip.rawValue),
            "What becomes of a run while the service still runs."),
        OptionDeclaration(
            "missed", .word(MissedRuns.allCases.map(\.rawValue)), standard: .word(MissedRuns.skip.rawValue),
            "What becomes of what was due while supd was down or the machine asleep; 'run' makes up for all with one."),
    ]

    let name: String
    let service: String
    let trigger: Trigger
    let isAtStart: Bool
    let jitter: Duration
    let overlap: Overlap
    let missed: MissedRuns

    /// The entry of the table `index`. Throws everything that is wrong with it.
    init(_ options: PluginOptions, index: Int) throws(OptionError) {
        var errors: [OptionError] = []
        func fault(_ key: String?, _ message: String) {
            errors.append(OptionError(option: "schedules", item: .init(index, key: key), message: message))
        }
        service = options.word("service")
        let ownName = options.word("name")
        name = ownName.isEmpty ? service : ownName
        if !ownName.isEmpty, ServiceName(ownName) == nil {
            fault("name", "must be of letters, digits and _ . : -, at most 64 of them; found '\(ownName)'")
        }
        isAtStart = options.isTrue("at_start")
        jitter = options.duration("jitter")
        overlap = Overlap(rawValue: options.word("overlap")) ?? .skip
        missed = MissedRuns(rawValue: options.word("missed")) ?? .skip
        let (cron, interval) = (options.word("cron"), options.duration("every"))
        var trigger = Trigger.never
        if !cron.isEmpty {
            do throws(CronError) {
                trigger = .cron(try CronExpression(cron), text: cron)
            } catch {
                fault("cron", error.description)
            }
            if interval != .zero { fault("every", "stands beside 'cron': keep one of the two") }
        }
        if interval != .zero {
            if interval < Self.shortestInterval {
                fault("every", "must be at least \(Self.shortestInterval.text); found \(interval.text)")
            } else if jitter > interval {
                fault("jitter", "must not be longer than 'every', which is \(interval.text)")
            }
            trigger = .every(interval)
        }
        if cron.isEmpty, interval == .zero, !isAtStart {
            fault(nil, "does not say when: give it 'cron', 'every' or at_start = true")
        }
        self.trigger = trigger
        if let error = OptionError(errors) { throw error }
    }
}
