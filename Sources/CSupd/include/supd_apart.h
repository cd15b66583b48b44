#pragma once

#include <semaphore.h>
#include <time.h>

// Processes of the daemon's own that share its memory.

// Calls function(argument, 1) in a process of its own, which has the memory of this one, and answers at once: 0, or a negated errno where
// no thread could be made. The function may use all of the C library and start threads, which are that process's. Its
// table of descriptors is its own, with 0, 1, 2 and `kept` of the caller's. It has a session of its own, and is killed when the
// caller's process ends.
//
// Why no thread: a call that hangs in the kernel for good (a frozen file system, a network file system whose server is gone) is not
// ended by SIGKILL either, and a process with such a thread does not end: who waits for it waits for ever. So the daemon ends
// all the same, and the other process stays behind until the call is over.
//
// Where such a process may not be made it is function(argument, 0), in a thread of the caller's process. ended(argument) is called by a
// thread of the caller's once it is gone.
int supd_run_apart(void (*function)(void *argument, int apart), void (*ended)(void *argument), void *argument, int kept);

// Waits for a semaphore, until deadline on the monotonic clock where that is not NULL: 0, or an errno other than EINTR.
int supd_semaphore_wait(sem_t *semaphore, const struct timespec *deadline);
