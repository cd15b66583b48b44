#pragma once

#include <stddef.h>
#include <stdint.h>

// unix(7): the longest path of a socket, in bytes, without the zero at its end.
enum { SUPD_SOCKET_PATH_MAX = 107 };

// Binds a stream socket at path, with the mode 0666 from the start, and listens. Close-on-exec, non-blocking.
int supd_listen_unix(const char *path, int backlog);

// What a socket of a service is bound to, and how.
struct supd_bind_request {
    const char *host;  // an address of version 4 or 6 in numbers; NULL for a unix socket
    uint16_t port;
    const char *name;      // the path, or the name in the abstract namespace
    size_t name_length;
    uint8_t is_abstract;
    uint8_t is_datagram;
    uint8_t reuses_port;
    uint32_t mode;         // of the path's file, from the start
    int backlog;
};

// Binds, and listens where it is a stream's. Close-on-exec, blocking. -EINVAL where the host is no address.
int supd_bind(const struct supd_bind_request *request);
// Whether somebody listens at a unix socket's path: 1, or 0 where it was left behind.
int supd_unix_is_served(const char *path, int is_datagram);

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
