#define _GNU_SOURCE
#include "supd_journal.h"

#include "fail_closing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_socket(const char *path, int type) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    // An abstract name is as long as it is said to be, so no zero may be counted with it.
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '@' ? 0 : 1));

    int descriptor = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    if (connect(descriptor, (struct sockaddr *)&address, size) < 0) return fail_closing(descriptor);
    return descriptor;
}

int supd_journal_stream(const char *path, const void *header, size_t count) {
    int descriptor = connect_socket(path, SOCK_STREAM);
    if (descriptor < 0) return descriptor;
    if (shutdown(descriptor, SHUT_RD) < 0) return fail_closing(descriptor);
    ssize_t sent = send(descriptor, header, count, MSG_NOSIGNAL);
    if (sent >= 0 && (size_t)sent < count) errno = EAGAIN;
    if (sent < 0 || (size_t)sent < count) return fail_closing(descriptor);
    // A program expects to wait in write(2).
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) < 0) return fail_closing(descriptor);
    return descriptor;
}

int supd_datagram_connect(const char *path, int send_buffer) {
    int descriptor = connect_socket(path, SOCK_DGRAM);
    if (descriptor < 0) return descriptor;
    if (send_buffer > 0 && setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer, sizeof send_buffer) < 0) {
        // Over net.core.wmem_max only with CAP_NET_ADMIN; without, up to it. What there was will do as well.
        (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    }
    return descriptor;
}

int supd_datagram_unread(int socket) {
    int bytes = 0;
    return ioctl(socket, SIOCOUTQ, &bytes) < 0 ? -errno : bytes;
}

static int write_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(descriptor, bytes, count);
        if (written < 0) {
            if (errno == EINTR) continue;
            return -1;
        }
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

int supd_datagram_send_memfd(int socket, const void *bytes, size_t count) {
    int memory = memfd_create("supd-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0) return -errno;
    if (write_all(memory, bytes, count) < 0) return fail_closing(memory);
    // The receiver maps it and takes only what can no longer change.
    int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
    if (fcntl(memory, F_ADD_SEALS, seals) < 0) return fail_closing(memory);

    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr header;
    } control = {0};
    struct msghdr message = {.msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &memory, sizeof memory);
    if (sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return fail_closing(memory);
    close(memory);
    return 0;
}
