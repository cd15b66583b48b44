#pragma once

#include <stddef.h>
#include <stdint.h>

// unix(7): the longest path of a socket, in bytes, without the zero at its end.
enum { SUPD_SOCKET_PATH_MAX = 107 };

// Binds a stream socket at path, with the mode 0666 from the start, and listens. Close-on-exec, non-blocking.
int supd_listen_unix(const char *path, int backlog);
// Connects a stream socket to path. Close-on-exec, blocking.
int supd_connect_unix(const char *path);
// Whether anybody listens on the socket at path: 1, and by whom that was begun (0 where it cannot be told); 0 where nobody does;
// otherwise the error of asking. Never waits.
int supd_asks_unix(const char *path, int32_t *pid);
// The path that a socket is bound to, of at most SUPD_SOCKET_PATH_MAX bytes and a zero: its length, or 0 where it has none.
int supd_socket_path(int descriptor, char *path);

// Who is at the other end of a connection (SO_PEERCRED).
struct supd_peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

// Has the kernel refuse, for connections made from now on, descriptors that a client sends (SO_PASSRIGHTS, kernel 6.16). On an older one
// nothing changes.
void supd_refuse_descriptors(int listener);
// Accepts a connection, close-on-exec and non-blocking.
int supd_accept(int listener, struct supd_peer *peer);
// The supplementary groups of whoever is at the other end (SO_PEERGROUPS, kernel 4.13): their number, which may be more than max, of which
// then none are there; or a negated errno.
long supd_peer_groups(int descriptor, uint32_t *groups, size_t max);
// Sends what fits, never waiting, never with SIGPIPE.
long supd_send(int socket, const void *bytes, size_t count);
// Takes what has come, never waiting: 0 at the end, -EAGAIN where there is nothing. -EPROTO, and nothing is taken, where descriptors came
// with it: whoever takes them from the queue may have to wait for what is behind them.
long supd_receive(int socket, void *bytes, size_t size);
// Has a socket take nothing more. Whether it still has something that nobody has taken, and which goes when it is closed. Not for
// one that listens: whoever has it as well would listen no more.
int supd_end_with_rest(int socket, int is_stream);
// Whether what goes when a socket is closed may be descriptors that clients have sent (unix(7)). False of an abstract name that nobody waits
// at: it can be bound anew at once.
int supd_may_hold_descriptors(int descriptor);
