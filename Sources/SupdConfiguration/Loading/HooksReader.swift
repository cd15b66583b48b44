import SupdPlugin

/// Reads `hooks`, of the daemon or of a service.
struct HooksReader {
    /// How long a hook may take where it does not say.
    static let standardBudget: Duration = .seconds(5)
    /// The bounds of `order`.
    static let order = -1_000...1_000

    let context: LoadContext
    /// The points that there are where the list stands.
    let points: [HookPoint]

    /// The hooks of a list; those that have no fault.
    func hooks(_ subject: Subject) -> [PlannedHook] {
        guard let items = subject.items else {
            subject.refuse("a list of tables like { run = \"NAME\", at = \"\(points[0].rawValue)\", … }")
            return []
        }
        var hooks: [PlannedHook] = []
        for item in items {
            guard let hook = hook(item) else { continue }
            if hooks.contains(where: { $0.name == hook.name }) {
                item.fault("is the second hook named '\(hook.name)': give it a 'name' of its own")
            }
            hooks.append(hook)
        }
        return hooks
    }

    private func hook(_ item: Subject) -> PlannedHook? {
        guard let settings = item.settings else {
            item.refuse("a table like { run = \"NAME\", at = \"\(points[0].rawValue)\", … }")
            return nil
        }
        let made = context.hooks.value(item, at: item.place)
        func read<Value>(_ key: HookKey, as form: Form<Value>) -> Value? {
            settings[key.rawValue].flatMap { form.read(item.member($0)) }
        }
        let point = read(.at, as: .oneOf(points.map(\.rawValue)) { HookPoint(rawValue: $0) })
        if settings[HookKey.at.rawValue] == nil {
            item.fault(
                "has no 'at': say when it is run, \(points.map { "\"\($0.rawValue)\"" }.joined(separator: " or "))")
        }
        let name = read(.name, as: .line)
        let order = read(.order, as: .integer(Self.order)) ?? 0
        let budget = read(.budget, as: .positiveDuration) ?? Self.standardBudget
        guard let made, let point else { return nil }
        return PlannedHook(
            name: name ?? made.name, plugin: made.plugin, point: point, order: order, budget: budget, hook: made.value)
    }
}
