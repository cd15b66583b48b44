import SupdEngine
import SupdHost
import SupdJSON
import SupdPlugin
import SupdProtocol

/// One client at the control socket.
///
/// Its requests are carried out one after the other: a request whose work or reply takes several turns (`work`, `lists`) has
/// those behind it wait. Orders that wait for their end (`Waiter`) hold up nothing; each has its answer when it comes true.
///
/// One is known by its slot in `ControlServer`, and to nobody for longer than a call.
final class ClientConnection {
    /// Its place among the connections, which their table has given it.
    var slot = 0
    /// The socket.
    let channel: Channel
    /// Who is there.
    let peer: PeerCredentials
    /// What its program called itself at its first order; nil before that, and where it is not known.
    var command: String?
    /// Whether its user may do nothing at all: it is told so, and not kept for long.
    let isStranger: Bool
    /// Whether its user may do everything, whatever the rules are: root and the daemon's own.
    let mayEverything: Bool
    /// The connection as a registered task.
    let task: TaskID
    /// Bytes that came, cut into lines.
    var framer = LineFramer(limit: ProtocolLimits.requestBytes)
    /// Whether there may be a whole request among them.
    var mayHaveRequest = false
    /// The request that is being carried out.
    var work: RequestWork?
    /// Replies that are lists, in their order; of the first one a part may be written.
    var lists: [ListReply] = []
    /// What it follows, and whether there may be something of that to be written.
    var following: (any Following)?
    var hasNews = false
    /// Replies on their way out.
    var output = JSONWriter()
    /// Replies that came while a list was half written.
    var held = JSONWriter()
    /// How much of `output` is written already.
    var written = 0
    /// Requests that wait for their answer, and how many instances these wait for.
    var inFlight = 0
    var instancesWaitedFor = 0
    /// When something came from it last, at first that it came itself.
    var heardAt: MonotonicInstant
    /// Requests that were denied.
    var denials = 0
    /// Whether nothing is taken from it for a moment, as so many were.
    var isResting = false
    /// Whether it is closed once `output` is written.
    var isClosing = false
    /// Whether the other end has said that no more will come.
    var isAtEnd = false
    /// Whether nobody is at the other end any more. What was sent before is carried out, and not answered.
    var isGone = false
    /// What the host was last asked to watch.
    var watchesReading = true
    var watchesWriting = false
    /// When it is closed unless it moves: half a request has come, or replies are not read.
    var stalledDeadline: MonotonicInstant?
    /// Whether it waits for its turn, and whether it is looked at before this turn ends.
    var isQueued = false
    var isTouched = false

    init(
        channel: Channel, peer: PeerCredentials, isStranger: Bool, mayEverything: Bool, task: TaskID,
        now: MonotonicInstant
    ) {
        self.channel = channel
        self.peer = peer
        self.isStranger = isStranger
        self.mayEverything = mayEverything
        self.task = task
        heardAt = now
    }

    /// Bytes that wait to be written.
    var waiting: Int { output.count - written }

    /// Whether there is room for more of a reply.
    var hasRoom: Bool { waiting < ProtocolLimits.bytesWaitingToBeWritten }

    /// Whether another request may be taken now.
    var mayServe: Bool {
        !isClosing && !isResting && work == nil && lists.isEmpty && hasRoom && !owesNews
            && inFlight < ProtocolLimits.requestsInFlight
    }

    /// Whether it is to be told first what has happened before the request that comes.
    private var owesNews: Bool { hasNews && following?.precedesAnswers == true }

    /// Whether it has something to do that it has asked for, and that waits for nobody.
    var asks: Bool { work != nil || (!lists.isEmpty && hasRoom) || (mayHaveRequest && mayServe) }

    /// Whether something of what it follows may be written now: behind the replies, and as it reads.
    var mayTellNews: Bool { following != nil && hasNews && lists.isEmpty && hasRoom }

    /// Whether more may be read from it now: what has come whole is served first.
    var mayRead: Bool { mayServe && !mayHaveRequest && !isAtEnd }

    /// Whether it follows something and the daemon ends: it gets what is left, and not long to read that.
    var isSentAway: Bool { following != nil && isClosing }

    /// Whether it owes something: to read its replies, to send the rest of a request, or to leave. Who follows something may read when
    /// it likes.
    var owes: Bool {
        (waiting > 0 && following == nil) || isSentAway || (framer.hasPartialLine && mayRead) || isStranger
    }

    /// Whether nothing is left to be done for it.
    var isDone: Bool {
        guard isClosing || (isAtEnd && !mayHaveRequest && following == nil) else { return false }
        return !(following != nil && hasNews) && waiting == 0 && inFlight == 0 && work == nil && lists.isEmpty
    }

    /// What is lost where it is closed for another one; the lowest goes first.
    var worth: Worth {
        if following == nil, inFlight == 0, work == nil, lists.isEmpty { return .asksNothing }
        return waiting > 0 ? .doesNotRead : .isServed
    }

    enum Worth: Int {
        /// It has asked for nothing that is not done, or has half of a request, or replies that it does not read.
        case asksNothing
        /// What it follows or has asked for waits for it to read.
        case doesNotRead
        /// It is told what it follows, or waits for an answer.
        case isServed
    }

    /// Writes a whole reply: behind a list that is half written.
    func write(_ reply: (inout JSONWriter) -> Void) {
        guard !isGone else { return }
        if lists.first?.hasBegun == true { reply(&held) } else { reply(&output) }
    }

    /// Nobody is there to be answered any more.
    func lose() {
        isGone = true
        following = nil
        lists = []
        output = JSONWriter()
        held = JSONWriter()
        written = 0
    }
}
