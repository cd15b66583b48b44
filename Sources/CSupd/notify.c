#define _GNU_SOURCE
#include "supd_notify.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int supd_notify_connect(const char *address) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(address);
    if (length < 2 || length > sizeof name.sun_path) return -EINVAL;
    memcpy(name.sun_path, address, length);
    if (name.sun_path[0] == '@') name.sun_path[0] = 0;
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (connect(descriptor, (struct sockaddr *)&name, size) < 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

int supd_notify_has_room(int socket) {
    // unix(7) sockets of datagrams that are connected poll writable only while the other end's queue has room.
    struct pollfd wanted = {.fd = socket, .events = POLLOUT};
    return poll(&wanted, 1, 0) > 0 && (wanted.revents & POLLOUT) != 0;
}
