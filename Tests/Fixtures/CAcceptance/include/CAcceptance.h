// What the acceptance tests ask of the system and Swift's Glibc module does not show. Each answers a value, or -errno.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Starts a program in a session of its own, with an empty signal mask, default signal actions and no descriptors
/// but these three. `folder` may be NULL. Answers a pidfd, and the pid by `pid`.
int acceptance_spawn(const char *path, char *const argv[], char *const envp[], const char *folder, int in, int out,
                     int err, pid_t *pid);

/// The same with a new terminal as its standard three and as its session's own. Answers a pidfd, and the terminal's other end,
/// which does not block, by `master`.
int acceptance_spawn_at_terminal(const char *path, char *const argv[], char *const envp[], int *master, pid_t *pid);

/// Collects a process that a pidfd was told to have ended: its exit code by `code`, or the signal by `signal`.
int acceptance_reap(int pidfd, int *code, int *signal);

/// Sends a signal to the process of a pidfd.
int acceptance_signal(int pidfd, int signal);

/// Opens a pidfd of any process.
int acceptance_pidfd(pid_t pid);

/// Makes a pipe whose ends are closed by exec and whose reading end does not block.
int acceptance_pipe(int ends[2]);

/// A stream socket connected to `path`, or -EAGAIN after 10 s in a full queue.
int acceptance_connect(const char *path);

/// The same as another user: who connects is taken from the thread that does (unix(7), SO_PEERCRED).
int acceptance_connect_as(const char *path, uid_t uid, gid_t gid);

/// A stream socket connected to a port of this machine.
int acceptance_connect_port(uint16_t port);

/// A port of this machine that nobody listens on.
int acceptance_free_port(void);

/// A datagram socket bound to `path`.
int acceptance_bind_datagram(const char *path);

/// A stream socket that listens at `path`.
int acceptance_listen(const char *path);

/// A connection to such a socket.
int acceptance_accept(int fd);

/// Watches a folder for files that are made, written, renamed or removed in it.
int acceptance_watch(const char *folder);

/// Raises this process's soft limit of open files to the hard one; answers it.
long acceptance_raise_descriptor_limit(void);
