#pragma once

#include <stddef.h>
#include <stdint.h>

// unix(7): the longest path of a socket, in bytes, without the zero at its end.
enum { SUPD_SOCKET_PATH_MAX = 107 };

// Binds a stream socket at path, with the mode 0666 from the start, and listens. Close-on-exec, non-blocking.
int supd_listen_unix(const char *path, int backlog);
// Connects a stream socket to path. Close-on-exec, blocking.
int supd_connect_unix(const char *path);

// Who is at the other end of a connection (SO_PEERCRED).
struct supd_peer {
    int32_t pid;
    uint32_t uid;
    uint32_t gid;
};

// Accepts a connection, close-on-exec and non-blocking.
int supd_accept(int listener, struct supd_peer *peer);
// Sends what fits, never waiting, never with SIGPIPE.
long supd_send(int socket, const void *bytes, size_t count);
