package import SupdPlugin

/// Names a spawn that has not come back yet; never used again.
package struct SpawnID: Hashable, Sendable {
    /// The number.
    package var rawValue: UInt64

    /// The spawn of this number.
    package init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// A program to start: a request, and the files that it is made of, which are read first.
package struct SpawnOrder {
    /// What became of a file of an order.
    package typealias Contents = [String: Result<[UInt8], FileProblem>]

    /// Paths of regular files, each read whole.
    package var files: [String]
    /// Makes the request out of them, on the loop's thread, and perhaps long after the order was given; once, and again after each time that a
    /// socket of its was on its way (`HostServiceSockets.bind`).
    package var request: (Contents) throws(SpawnFailure) -> SpawnRequest
    /// The control group of the order that follows in all likelihood: it is made while the child of this one is on its way.
    package var nextGroup: String?

    /// An order of these.
    package init(files: [String], request: @escaping (Contents) throws(SpawnFailure) -> SpawnRequest) {
        self.files = files
        self.request = request
    }

    /// An order of no files.
    package init(_ request: SpawnRequest) {
        self.init(files: []) { _ throws(SpawnFailure) in request }
    }
}

/// What a spawn has come to.
package enum SpawnAnswer: Hashable, Sendable {
    /// The program has begun, or could not.
    case ended(Result<SpawnedProcess, SpawnFailure>)
    /// It takes its time, or for ever: a file system does not answer. `.spawnEnded` tells its end.
    case pending(SpawnID)
}

/// How far a spawn has come that is not back.
package struct SpawnProgress: Hashable, Sendable {
    /// What it is at.
    package var stage: SpawnFailure.Stage
    /// What that is applied to.
    package var subject: String
    /// The child, where it is made.
    package var pid: Int32?

    /// Progress of these.
    package init(stage: SpawnFailure.Stage, subject: String, pid: Int32?) {
        self.stage = stage
        self.subject = subject
        self.pid = pid
    }

    /// `exec of /mnt/web`.
    package var text: String { subject.isEmpty ? stage.rawValue : "\(stage.rawValue) of \(subject)" }

    /// What a spawn ends with that was taken back.
    package var failure: SpawnFailure {
        SpawnFailure(
            stage: stage, error: ErrorNumber(125), subject: subject, problem: "it had not come back when it was stopped"
        )
    }
}
