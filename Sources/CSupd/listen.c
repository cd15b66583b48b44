#define _GNU_SOURCE
#include "supd_listen.h"

#include "bind_mode.h"
#include "fail_closing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int kind_of(int flags) { return (flags & SUPD_LISTEN_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC; }

static int listen_where_wanted(int descriptor, int flags, int backlog) {
    if (!(flags & SUPD_LISTEN_DATAGRAM) && listen(descriptor, backlog) < 0) return fail_closing(descriptor);
    return descriptor;
}

static int bind_and_listen(int descriptor, const void *address, socklen_t length, int flags, int backlog) {
    if (bind(descriptor, address, length) < 0) return fail_closing(descriptor);
    return listen_where_wanted(descriptor, flags, backlog);
}

static int bind_internet(int family, const void *address, socklen_t length, int flags, int backlog) {
    int descriptor = socket(family, kind_of(flags), 0);
    if (descriptor < 0) return -errno;
    int yes = 1;
    // Connections of a daemon before, which the kernel still keeps, are in nobody's way (socket(7)).
    if (!(flags & SUPD_LISTEN_DATAGRAM) &&
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0)
        return fail_closing(descriptor);
    if (flags & SUPD_LISTEN_REUSE_PORT && setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof yes) < 0)
        return fail_closing(descriptor);
    return bind_and_listen(descriptor, address, length, flags, backlog);
}

int supd_bind_internet(const char *host, uint16_t port, int flags, int backlog) {
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, host, &four.sin_addr) == 1)
        return bind_internet(AF_INET, &four, sizeof four, flags, backlog);
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (inet_pton(AF_INET6, host, &six.sin6_addr) == 1)
        return bind_internet(AF_INET6, &six, sizeof six, flags, backlog);
    return -EINVAL;
}

static int path_address(const char *path, struct sockaddr_un *address) {
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address->sun_path) return -ENAMETOOLONG;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path, path, length);
    return 0;
}

int supd_bind_path(const char *path, uint32_t mode, int flags, int backlog) {
    struct sockaddr_un address;
    int error = path_address(path, &address);
    if (error < 0) return error;
    int descriptor = socket(AF_UNIX, kind_of(flags), 0);
    if (descriptor < 0) return -errno;
    if (bind_with_mode(descriptor, &address, sizeof address, mode) < 0) return fail_closing(descriptor);
    return listen_where_wanted(descriptor, flags, backlog);
}

int supd_bind_abstract(const char *name, size_t length, int flags, int backlog) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (length == 0 || length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path + 1, name, length);
    int descriptor = socket(AF_UNIX, kind_of(flags), 0);
    if (descriptor < 0) return -errno;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
    return bind_and_listen(descriptor, &address, size, flags, backlog);
}

int supd_probe_path(const char *path, int flags) {
    struct sockaddr_un address;
    int error = path_address(path, &address);
    if (error < 0) return error;
    // Never waiting: a queue that is full (EAGAIN) is somebody's.
    int descriptor = socket(AF_UNIX, kind_of(flags) | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    int outcome = connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0 ? -errno : 0;
    close(descriptor);
    return outcome;
}

_Static_assert(sizeof(((struct supd_made_socket *)0)->address) > sizeof(((struct sockaddr_un *)0)->sun_path), "unix(7)");

int supd_look_at_socket(int descriptor, struct supd_made_socket *made) {
    memset(made, 0, sizeof *made);
    int type, listens = 0;
    socklen_t length = sizeof type;
    if (getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) < 0) return -errno;
    length = sizeof listens;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) < 0) return -errno;
    made->kind = type == SOCK_DGRAM || (type == SOCK_STREAM && listens) ? type : 0;
    int reuses = 0;
    length = sizeof reuses;
    made->reuses_port = getsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &reuses, &length) == 0 && reuses;

    union {
        struct sockaddr any;
        struct sockaddr_in four;
        struct sockaddr_in6 six;
        struct sockaddr_un local;
    } name;
    length = sizeof name;
    if (getsockname(descriptor, &name.any, &length) < 0) return -errno;
    made->family = name.any.sa_family;
    switch (name.any.sa_family) {
    case AF_INET:
        made->port = ntohs(name.four.sin_port);
        inet_ntop(AF_INET, &name.four.sin_addr, made->address, sizeof made->address);
        break;
    case AF_INET6:
        made->port = ntohs(name.six.sin6_port);
        inet_ntop(AF_INET6, &name.six.sin6_addr, made->address, sizeof made->address);
        break;
    case AF_UNIX: {
        size_t size = length > offsetof(struct sockaddr_un, sun_path) ? length - offsetof(struct sockaddr_un, sun_path) : 0;
        if (size > sizeof name.local.sun_path) size = sizeof name.local.sun_path;
        memcpy(made->address, name.local.sun_path, size);
        if (size > 0 && made->address[0] == 0) made->address[0] = '@';
        break;
    }
    default: made->family = 0;
    }
    return 0;
}

int supd_listen_anew(int descriptor, int backlog) { return listen(descriptor, backlog) < 0 ? -errno : 0; }

int supd_listen_no_more(int descriptor) { return shutdown(descriptor, SHUT_RDWR) < 0 ? -errno : 0; }
