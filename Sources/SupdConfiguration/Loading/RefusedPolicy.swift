import SupdPlugin

/// Stands where a policy was refused, so that the rest of the service is still looked at. A fault was told, so no
/// configuration that has it is ever handed out.
struct RefusedPolicy: RestartPolicy, Backoff {
    func decide(_ context: RestartContext) -> RestartDecision { .stay }
    func delay(for context: BackoffContext) -> Duration { .zero }
    var resetAfter: Duration? { nil }
}
