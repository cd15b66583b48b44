import SupdConnection
import SupdPlugin
import SupdProtocol

/// A card that nobody sees, made while the daemon looks up what the real one says: what a program does for the first time, the types of its
/// values and the pages of its code foremost, takes longer than the daemon does.
enum CardRehearsal {
    /// What a daemon answers about one service that runs.
    private static let replies: StaticString = #"""
        {"jsonrpc":"2.0","id":1,"result":{"services":[{"name":"a","status":{"name":"a","service":"a","instance":null,"description":"","state":"RUNNING","ready":true,"health":null,"desired":"up","pid":2,"left_behind":[],"since":"2020-01-01T00:00:00.000Z","restarts":0,"attempt":1,"last_exit":null,"next_start_at":null,"reason":"b","type":"exec","restart_policy":"c","tags":[]},"cause":{"kind":"boot"},"source":{"file":"d","line":1,"changed":false},"probe":null,"decision":null,"waits_for":null,"remedies":[],"history":[],"forgotten":0,"log":{"name":"a","lines":[],"dropped":0}}]}}
        {"jsonrpc":"2.0","id":2,"result":{"services":[{"name":"a","state":"RUNNING","pid":2,"control_group":"/","cpu":0.0,"memory":1,"processes":[{"pid":2,"parent":1,"command":"e","state":"S","cpu":0.0,"memory":1,"age":1.0}]}]}}

        """#

    /// The card, as it would be shown.
    static func card(_ presentation: Presentation) throws(ClientError) -> String {
        var framer = LineFramer(limit: ProtocolLimits.replyBytes)
        framer.append(UnsafeRawBufferPointer(start: replies.utf8Start, count: replies.utf8CodeUnitCount))
        guard case .success(let why)? = try framer.nextReply()?.outcome,
            case .success(let tree)? = try framer.nextReply()?.outcome
        else { return "" }
        return presentation.cards(try ServiceWhys(result: why).services, try ServiceTrees(result: tree).services).output
    }
}
