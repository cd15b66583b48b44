import SupdConfiguration
import SupdEngine
import SupdHost
import SupdPlugin

/// Whether the configuration's files say something else by now, for whoever tells of what they said.
final class ChangedFiles {
    /// How long an answer waits for the disk.
    private static let patience = Duration.milliseconds(200)

    private unowned let seam: any ConfigurationSeam
    /// Those who have asked, and are not told yet.
    private var waiting: [([String]?) -> Void] = []

    /// Nobody has asked yet.
    init(_ seam: any ConfigurationSeam) { self.seam = seam }

    /// So many files are looked at in a turn.
    private static let mostAtOnce = 64

    /// Tells `then` which of the files say something else by now than by their `stamps`: at once where the kernel knows that, and else it is
    /// looked at beside the loop. Nil where there are none, or the disk does not say in time.
    func ask(_ stamps: [FileStamp], then: @escaping ([String]?) -> Void) {
        guard let files = seam.settings.files else { return then(nil) }
        if let changed = changesAtHand(stamps) { return then(changed) }
        waiting.append(then)
        guard waiting.count == 1 else { return }
        let host = seam.host
        host.arm(TimerKind.information.token(), at: host.now.advanced(by: Self.patience))
        host.lookAside {
            files.changes(stamps)
        } then: { [weak self] changed in
            self?.tell(changed)
        }
    }

    /// Those that say something else, where that is known without waiting for anything. To follow a pattern folders have to be read.
    private func changesAtHand(_ stamps: [FileStamp]) -> [String]? {
        guard stamps.count <= Self.mostAtOnce else { return nil }
        var changed: [String] = []
        for stamp in stamps {
            guard case .file(let path, let version) = stamp, let now = seam.host.versionAtHand(of: path) else {
                return nil
            }
            if version.isAnother(than: now) { changed.append(path) }
        }
        return changed
    }

    /// Tells those who have asked; nil where the disk does not say.
    func tell(_ changed: [String]?) {
        seam.host.disarm(TimerKind.information.token())
        let asked = waiting
        waiting = []
        for tell in asked { tell(changed) }
    }
}
