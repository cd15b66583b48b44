#pragma once

#include <stddef.h>
#include <stdint.h>

// Sockets that are bound for others. Close-on-exec and blocking; each answers a descriptor, or a negated errno.

enum supd_listen_flags {
    // Of datagrams; else a stream, which is listened on.
    SUPD_LISTEN_DATAGRAM = 1 << 0,
    // SO_REUSEPORT: others may bind the same address, and the kernel spreads what comes.
    SUPD_LISTEN_REUSE_PORT = 1 << 1,
};

// Binds an address of version 4 or 6, in numbers, without brackets.
int supd_bind_internet(const char *host, uint16_t port, int flags, int backlog);
// Binds a socket file, with exactly this mode from its first moment on.
int supd_bind_path(const char *path, uint32_t mode, int flags, int backlog);
// Binds a name of length bytes in the abstract namespace (unix(7)).
int supd_bind_abstract(const char *name, size_t length, int flags, int backlog);
// 0 where somebody serves the socket file; -ECONNREFUSED where nobody does any more.
int supd_probe_path(const char *path, int flags);

// What a socket is that somebody else has made.
struct supd_made_socket {
    // SOCK_STREAM where it is listened on, SOCK_DGRAM; else 0.
    int32_t kind;
    // AF_INET, AF_INET6, AF_UNIX; else 0.
    int32_t family;
    uint16_t port;
    // Whether others may listen at its port (SO_REUSEPORT).
    uint8_t reuses_port;
    // The address in numbers, or the path, each with a zero after it. Of a name in the abstract namespace the first byte is '@'; empty for none.
    char address[128];
};
// 0, or -ENOTSOCK and its kin.
int supd_look_at_socket(int descriptor, struct supd_made_socket *made);
// Has a stream's socket that listens already let so many wait. 0, or -errno.
int supd_listen_anew(int descriptor, int backlog);
// Nobody who has the socket listens on it any more. 0, or -ENOTCONN of one that did not listen.
int supd_listen_no_more(int descriptor);
