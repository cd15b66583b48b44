/// The kinds of what the daemon tells, each with the MESSAGE_ID= (systemd.journal-fields(7)) by which `journalctl -x` explains it and a
/// program finds it.
///
/// An id is never given to another kind. `contrib/systemd/supd.catalog` has a text for each of them.
enum MessageKind: String, Hashable, Sendable, CaseIterable {
    /// supd begins.
    case daemonStarting = "1dbd1dcc39e54335a795d76cee773ae9"
    /// Everything that is enabled is up, or given up.
    case daemonReady = "1c1495bb554f44279b129ff4ba9ab4e7"
    /// An instance is on its way up, or down.
    case starting = "8058a78700bf4367ad5c28e65fe2660c"
    /// An instance is up.
    case running = "6f312b4627764a399fba05eaf5dee8a2"
    /// A program could not be started.
    case startFailed = "95c5a6092b8c4ba4a55122916dab3b81"
    /// The main process of an instance has ended.
    case ended = "c0a39e9a05fe477eaa7e9b2dc0de57ed"
    /// supd ends an instance that did not do as it was to.
    case forced = "d81e26faa0ad4a668aed5b2abb2678d9"
    /// An instance is to be run again after a while.
    case backoff = "c57759f566934a7988738cfd040ff07d"
    /// An instance has ended and is not run again.
    case exited = "e06c5eacba8a4a3eb86d76630a351986"
    /// An instance is given up: FATAL.
    case givenUp = "8586ade375634a2aa461c6be89b1d8bd"
    /// An instance is stopped by an order.
    case stopped = "81729cb0488c4f8f84b96b1e5f05d2a1"
    /// An instance has ended on SIGKILL only.
    case stopTimedOut = "b9a50d3542194a308fb99e415b2ad9f8"
    /// A drain kills an instance before its own time is over.
    case stopCutShort = "2d0018ad3f044ff98f4d23e05f939baf"
    /// An instance has left processes.
    case leftBehind = "3b26baa2b5204ee08dfa0f72884a3d9b"
    /// A health probe has failed too often.
    case unhealthy = "e07119298ba5403996595a2ee72d1da5"
    /// A health probe says yes.
    case healthy = "70dd903162e042cb81824b3f4338cf0d"
    /// A readiness probe had not said yes in time.
    case notReady = "1cb736029ac24719bf2d8c274d15248a"
    /// What an instance needs is not there.
    case blocked = "8d3c08539d444a16932f737263ff94dd"
    /// An essential service has ended.
    case essentialEnded = "27c505f3725a4e3e950c32a0a3e2a5bd"
    /// exec_reload has done its work.
    case reloaded = "9e078ab000814388af4d1c11fb0ca0f5"
    /// exec_reload has failed.
    case reloadFailed = "dac596dcd4e04b5ab8516edab921f91f"
    /// A command around a start or a stop has failed.
    case commandFailed = "36fea2dd5fbf430ea133ddd620fd8ab4"
    /// A start does not come back.
    case hangs = "4c4f361c4bd7435d9cb593e321b01634"
    /// A service is not in the configuration any more, and gone.
    case removed = "fdb641b0fe764168904d958439e3b90a"
    /// Somebody has given an order.
    case ordered = "62d4c59495e34068ad6651f9c363625a"
    /// A changed setting could not be given to what runs.
    case goesOnWithout = "aa9af1a38f8845fa81fd5cf84649cf11"
    /// Another configuration is in force.
    case configurationApplied = "784a3d301b14416eb08eef26f25cb857"
    /// A configuration was refused.
    case configurationRefused = "f91d26a6e1294a37bd27748057fa3903"
    /// Services are taken down.
    case drainBegan = "d7da2e09894b44458908026627da2a68"
    /// Whoever ordered the shutdown has no patience any more.
    case drainEscalated = "a27aafbe69e2431da5ffe2712e58c977"
    /// The time of a phase of a drain is over.
    case drainPhaseOver = "8ba8a4722caf43df9139032458cb8cd8"
    /// Something did not end and is waited for no longer.
    case abandoned = "0df6d0b6e9384f3aa2228e03281d8c7d"
    /// Processes that no stop was for were killed.
    case strays = "42fbf1ec94c14e5da3bc99d0c6ebdd67"
    /// A drain has come to its end.
    case drainEnded = "d8ea6ff6abac438a979db4b19776d0d7"
    /// A drain is undone.
    case resumed = "f6a74869fc694b6fb7489050af39a6ed"
    /// Lines were lost.
    case linesDropped = "51d9e566f9784924baa85d0550a61969"
    /// A sink takes nothing.
    case sinkStalled = "c1d6d2daf68047c7a176a7a686b75d18"
    /// A sink that had trouble works.
    case sinkWorks = "e46e3e444d0f40fd9d36fe003c5fe28e"
    /// A log file cannot be written as it should be.
    case logFileTrouble = "338d167044824b1799726861367c6076"
    /// The journal cannot be reached.
    case journalGone = "4aa97000621e432faf81ed62feca6ac0"
    /// The journal can be reached again.
    case journalBack = "b8b42cac60cc494483db36b14aa0e096"
    /// A hook has failed.
    case hookFailed = "89e98d8900b642a899fc21275629fb3c"
    /// A plugin has trouble.
    case pluginFailed = "b6f6bf60d9514fba82ad3721856b5b52"
    /// An earlier supd has left processes.
    case leftovers = "442997abe6dc495ea570a36d5f594770"
    /// The control socket has trouble, or clients are turned away.
    case controlTrouble = "eb5c54b2f53f4e58be46495648ff2ea6"
    /// The service manager does not take messages.
    case managerTrouble = "ed893550904b42d096d7cd6ed20c1e80"
    /// A socket that the service manager has made is nobody's.
    case socketClosed = "2728a60801244458a0ac2cbeca08596b"
    /// The service manager keeps no more descriptors.
    case storeFull = "6d0e84b0051c47a68f143b0ffbe9e556"
    /// What somebody has sent to the notification socket of a service is not followed.
    case noticeRefused = "6836814cb9794bf1a87cad0f2e15ea4a"
    /// A service says of itself that something is wrong.
    case complained = "91119b7f797447bca629c6eea7297e1f"
}
