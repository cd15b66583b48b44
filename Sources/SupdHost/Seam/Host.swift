/// Everything the daemon asks of the world: the one seam between what decides and what acts, put together of its roles.
/// Who needs a role asks for that.
///
/// `LinuxHost` does it with system calls; the simulated host of `SupdTesting` does it with virtual time and
/// scripted processes, and can make any call fail. A host acts and never decides. All of it is called on one
/// thread, the loop's, as debug builds of `LinuxHost` check; others may call what `waker` is, and nothing else.
package protocol Host: HostClock, HostTimers, HostLoop, HostOwnProcess, HostProcesses, HostTrees, HostWork,
    HostBlockingWork, HostBytes, HostLogFiles, HostFiles, HostControlSocket, HostServiceSockets, HostNotices,
    HostServiceManager,
    HostJournal
{}
