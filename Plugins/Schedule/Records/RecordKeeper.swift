import SupdPlugin
import Synchronization

/// Reads and writes the file of records, and says once a change where that fails: nothing else depends on it.
final class RecordKeeper: Sendable {
    private struct State {
        /// What the file says.
        var kept: RunRecords?
        var isFailing = false
    }

    private let file: RecordFile?
    private let state = Mutex(State())

    /// A keeper of `file`; without one it keeps nothing.
    init(file: RecordFile?) { self.file = file }

    /// What an earlier daemon has left; nothing where that cannot be told.
    func read(_ logger: Logger) -> RunRecords {
        guard let file else { return RunRecords() }
        do throws(RecordError) {
            let records = try file.read()
            state.withLock { $0.kept = records }
            return records ?? RunRecords()
        } catch {
            logger.warning(
                "the times of the last runs in \(file.path) cannot be used: \(error); what was missed is not known, and the file is begun anew"
            )
            return RunRecords()
        }
    }

    /// Writes what has changed.
    func keep(_ records: RunRecords, _ logger: Logger) {
        guard let file else { return }
        state.withLock { state in
            guard records != state.kept else { return }
            do throws(RecordError) {
                try file.write(records)
                state.kept = records
                if state.isFailing { logger.notice("the times of the last runs are kept again in \(file.path)") }
                state.isFailing = false
            } catch {
                guard !state.isFailing else { return }
                state.isFailing = true
                logger.warning(
                    "the times of the last runs are not kept: \(error); what is missed while supd is down will not be known"
                )
            }
        }
    }
}
