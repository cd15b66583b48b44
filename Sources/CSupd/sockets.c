#define _GNU_SOURCE
#include "supd_sockets.h"

#include "fail_closing.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
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
    // Everybody may connect, and each request is judged by who did (SO_PEERCRED): who may not is told so, and why. The mode
    // is set by the mask and not afterwards, so that it is the same from the first moment on.
    mode_t mask = umask(0111);
    int bound = bind(descriptor, (struct sockaddr *)&address, sizeof address);
    int bind_error = errno;
    umask(mask);
    if (bound < 0) {
        errno = bind_error;
        return fail_closing(descriptor);
    }
    if (listen(descriptor, backlog) < 0) return fail_closing(descriptor);
    return descriptor;
}

static socklen_t internet_address(const struct supd_bind_request *request, struct sockaddr_storage *address) {
    memset(address, 0, sizeof *address);
    struct sockaddr_in *four = (struct sockaddr_in *)address;
    if (inet_pton(AF_INET, request->host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(request->port);
        return sizeof *four;
    }
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
    if (inet_pton(AF_INET6, request->host, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(request->port);
        return sizeof *six;
    }
    return 0;
}

static socklen_t unix_address(const struct supd_bind_request *request, struct sockaddr_storage *address) {
    struct sockaddr_un *name = (struct sockaddr_un *)address;
    size_t offset = request->is_abstract ? 1 : 0;
    memset(address, 0, sizeof *address);
    if (request->name_length == 0 || request->name_length > SUPD_SOCKET_PATH_MAX) return 0;
    name->sun_family = AF_UNIX;
    memcpy(name->sun_path + offset, request->name, request->name_length);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + request->name_length + 1);
}

int supd_bind(const struct supd_bind_request *request) {
    struct sockaddr_storage address;
    socklen_t length = request->host ? internet_address(request, &address) : unix_address(request, &address);
    if (length == 0) return -EINVAL;
    int type = request->is_datagram ? SOCK_DGRAM : SOCK_STREAM;
    int descriptor = socket(address.ss_family, type | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int one = 1;
    if (request->host) {
        // A daemon that was killed leaves connections in TIME_WAIT: they are in nobody's way (socket(7)).
        if (!request->is_datagram && setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0) {
            return fail_closing(descriptor);
        }
        if (request->reuses_port && setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) < 0) {
            return fail_closing(descriptor);
        }
    }
    mode_t mask = umask((mode_t)(~request->mode & 0777));
    int bound = bind(descriptor, (struct sockaddr *)&address, length);
    int error = errno;
    umask(mask);
    if (bound < 0) {
        errno = error;
        return fail_closing(descriptor);
    }
    if (!request->is_datagram && listen(descriptor, request->backlog) < 0) return fail_closing(descriptor);
    return descriptor;
}

int supd_unix_is_served(const char *path, int is_datagram) {
    struct sockaddr_un address;
    if (address_of(path, &address) < 0) return 1;
    int descriptor = socket(AF_UNIX, (is_datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return 1;
    int refused = connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0 && errno == ECONNREFUSED;
    close(descriptor);
    return !refused;
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
