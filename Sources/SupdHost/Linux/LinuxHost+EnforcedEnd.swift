internal import CSupd
internal import Glibc
package import SupdPlugin

/// What an order to stop sets as a deadline by itself, before the loop has answered it.
package struct StopOrders: Sendable {
    /// The first of these signals begins a shutdown, the second cuts it short, the third forces its end.
    package var signals: Set<Signal>
    /// What is left after the first.
    package var first: Duration
    /// What is left at most after the second.
    package var second: Duration
    /// What is left at most after the third.
    package var third: Duration
    /// A signal that comes sooner after the first than this is the first sent twice.
    package var apart: Duration

    /// Orders of these.
    package init(signals: Set<Signal>, first: Duration, second: Duration, third: Duration, apart: Duration) {
        self.signals = signals
        self.first = first
        self.second = second
        self.third = third
        self.apart = apart
    }
}

extension LinuxHost {
    /// Starts the threads that keep the end of a shutdown (`enforce`), and have `orders` obeyed where the loop takes no signals any
    /// more. `folder` is where the report is put; nil for nowhere. Once a process, and for its only host; a second call changes nothing.
    /// Throws what the threads could not be made for.
    package func keepDeadlines(of orders: StopOrders, reportIn folder: String?) throws(LinuxHostFailure) {
        var settings = supd_deadline_orders()
        settings.signals = SignalSet.of(orders.signals.map(\.rawValue))
        settings.first_ns = orders.first.clampedNanoseconds
        settings.second_ns = orders.second.clampedNanoseconds
        settings.third_ns = orders.third.clampedNanoseconds
        settings.apart_ns = orders.apart.clampedNanoseconds
        _ = try check(supd_deadline_start(&settings, errorStream.descriptor), "pthread_create")
        if let folder { supd_deadline_set_folder(folder) }
    }

    /// Nothing where the threads were not started (`keepDeadlines`).
    package func allowFirstOrder(_ limit: Duration) { supd_deadline_set_first(limit.clampedNanoseconds) }

    /// Nothing where the threads were not started (`keepDeadlines`).
    package func enforce(_ end: EnforcedEnd?) {
        loop.thread.assertIsCurrent()
        guard let end else { return supd_deadline_set(0, 0, nil, 0, nil, 0) }
        end.line.withUnsafeBytes { line in
            end.report.withUnsafeBytes { report in
                supd_deadline_set(
                    max(end.deadline.nanoseconds, 1), end.exitCode, line.baseAddress, line.count, report.baseAddress,
                    report.count)
            }
        }
    }
}
