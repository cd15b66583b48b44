// What the host's tests ask of the system and Swift's Glibc module does not show. Each answers a value, or -errno.
#pragma once

/// Opens a new terminal's both ends: answers the master, and the other end by `terminal`. To the leader of a session without a
/// terminal it becomes its own.
int host_tests_open_terminal(int *terminal);

/// Has this thread keep its capabilities when it changes its user (capabilities(7), SECBIT_NO_SETUID_FIXUP).
int host_tests_keep_capabilities(void);

/// Puts this thread, and who is born of it from now on, on the processor that it is on.
int host_tests_stay_on_processor(void);

/// Has a process run before all that have no such rank, as soon as it has anything to do (sched(7), SCHED_FIFO).
int host_tests_put_first(int pid);

/// What becomes readable once somebody reads the file (inotify(7)).
int host_tests_watch_reading(const char *path);
