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
