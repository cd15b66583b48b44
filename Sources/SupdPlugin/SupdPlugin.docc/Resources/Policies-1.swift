import SupdPlugin

/// Runs everything again but what ended with success.
struct FriendlyRestart: RestartPolicy {
    func decide(_ context: RestartContext) -> RestartDecision {
        context.rules.isSuccess(context.exit) ? .stay : .restart
    }
}

/// A second for each restart in a row, a minute at most.
struct CalmBackoff: Backoff {
    let resetAfter: Duration? = .seconds(60)

    func delay(for context: BackoffContext) -> Duration { .seconds(min(context.restart, 60)) }
}
