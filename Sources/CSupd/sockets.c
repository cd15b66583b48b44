#define _GNU_SOURCE
#include "supd_sockets.h"

#include "bind_mode.h"
#include "fail_closing.h"
#include "raw.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == SUPD_SOCKET_PATH_MAX + 1, "unix(7)");

static int address_of(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length == 0 || length > SUPD_SOCKET_PATH_MAX) return -ENAMETOOLONG;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    return 0;
}

int supd_listen_unix(const char *path, int backlog) {
    struct sockaddr_un address;
    int error = address_of(path, &address);
    if (error < 0) return error;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    // Everybody may connect, and each request is judged by who did (SO_PEERCRED): who may not is told so, and why.
    if (bind_with_mode(descriptor, &address, sizeof address, 0666) < 0) return fail_closing(descriptor);
    supd_refuse_descriptors(descriptor);
    if (listen(descriptor, backlog) < 0) return fail_closing(descriptor);
    return descriptor;
}

int supd_connect_unix(const char *path) {
    struct sockaddr_un address;
    int error = address_of(path, &address);
    if (error < 0) return error;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) return fail_closing(descriptor);
    return descriptor;
}

int supd_asks_unix(const char *path, int32_t *pid) {
    struct sockaddr_un address;
    *pid = 0;
    int error = address_of(path, &address);
    if (error < 0) return error;
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    int answer = 1;
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0) {
        struct ucred credentials;
        socklen_t length = sizeof credentials;
        if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0) *pid = credentials.pid;
    } else if (errno == ECONNREFUSED || errno == ENOENT) {
        answer = 0;
    } else if (errno != EAGAIN && errno != EPROTOTYPE) {
        // EAGAIN: more wait than it takes. EPROTOTYPE: somebody has it, and for something else.
        answer = -errno;
    }
    close(descriptor);
    return answer;
}

int supd_socket_path(int descriptor, char *path) {
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) < 0) return -errno;
    // No name, or one that is no file's, begins with a zero (unix(7)).
    if (address.sun_family != AF_UNIX || length <= offsetof(struct sockaddr_un, sun_path)) return 0;
    size_t size = strnlen(address.sun_path, length - offsetof(struct sockaddr_un, sun_path));
    if (size > SUPD_SOCKET_PATH_MAX) return -ENAMETOOLONG;
    memcpy(path, address.sun_path, size);
    path[size] = 0;
    return (int)size;
}

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

void supd_refuse_descriptors(int listener) {
    int no = 0;
    (void)setsockopt(listener, SOL_SOCKET, SO_PASSRIGHTS, &no, sizeof no);
}

int supd_accept(int listener, struct supd_peer *peer) {
    int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) return -errno;
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0) return fail_closing(descriptor);
    peer->pid = credentials.pid;
    peer->uid = credentials.uid;
    peer->gid = credentials.gid;
    return descriptor;
}

long supd_send(int socket, const void *bytes, size_t count) {
    ssize_t sent = send(socket, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? -errno : sent;
}

long supd_peer_groups(int descriptor, uint32_t *groups, size_t max) {
    _Static_assert(sizeof(gid_t) == sizeof(uint32_t), "socket(7)");
    socklen_t length = (socklen_t)(max * sizeof *groups);
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0 && errno != ERANGE) return -errno;
    return (long)(length / sizeof *groups);
}

// Whether bytes that wait are there, and what else: none of it is taken. As `supd_epoll_wait` past the C library.
static long look_at(int socket, void *bytes, size_t size, int *flags) {
    struct iovec part = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    long count = RAW3(SYS_recvmsg, socket, &message, MSG_PEEK | MSG_DONTWAIT);
    *flags = message.msg_flags;
    return count;
}

// Has nothing come with bytes unasked that somebody else has asked for: who made a socket may have, before it was handed over.
static void take_bytes_alone(int socket) {
    const int options[] = {SO_PASSCRED, SO_PASSPIDFD, SO_PASSSEC};
    int no = 0;
    for (size_t index = 0; index < sizeof options / sizeof *options; index++)
        (void)setsockopt(socket, SOL_SOCKET, options[index], &no, sizeof no);
}

// The kernel drops descriptors that there is no room for, and whoever drops the last one of a connection that lingers (socket(7)), or of a
// file whose server is gone, waits for it in the kernel. A look takes none of them; and of what was looked at no more is taken, as others
// may have come meanwhile.
long supd_receive(int socket, void *bytes, size_t size) {
    int flags;
    long count = look_at(socket, bytes, size, &flags);
    if (count > 0 && flags & MSG_CTRUNC) {
        take_bytes_alone(socket);
        count = look_at(socket, bytes, size, &flags);
        if (count > 0 && flags & MSG_CTRUNC) return -EPROTO;
    }
    return count > 0 ? RAW5(SYS_recvfrom, socket, bytes, count, MSG_DONTWAIT, 0) : count;
}

int supd_end_with_rest(int socket, int is_stream) {
    (void)shutdown(socket, SHUT_RD);
    char byte;
    int flags;
    long count = look_at(socket, &byte, 1, &flags);
    // A stream is at its end by now; a datagram may be empty.
    return count > 0 || (count == 0 && !is_stream);
}

int supd_may_hold_descriptors(int descriptor) {
    int domain = 0;
    socklen_t length = sizeof domain;
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0 || domain != AF_UNIX) return 0;
    char path[SUPD_SOCKET_PATH_MAX + 1];
    if (supd_socket_path(descriptor, path) != 0) return 1;
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    return poll(&entry, 1, 0) != 0;
}
