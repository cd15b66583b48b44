#define _GNU_SOURCE
#include "supd_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int supd_journal_connect(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length + 1);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    // As systemd's own client: room for bursts. Where it is refused, the standard size serves.
    int room = 8 * 1024 * 1024;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        close(descriptor);
        return -error;
    }
    return descriptor;
}

static int send_by_memfd(int socket, const void *entry, size_t count) {
    int memory = memfd_create("supd-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0) return -errno;
    int outcome = 0;
    for (size_t done = 0; done < count && outcome == 0;) {
        ssize_t written = write(memory, (const char *)entry + done, count - done);
        if (written < 0 && errno != EINTR) outcome = -errno;
        if (written > 0) done += (size_t)written;
    }
    // The journal takes a memfd only if nobody can change it any more.
    if (outcome == 0 && fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
        outcome = -errno;
    if (outcome == 0) {
        union {
            struct cmsghdr header;
            char room[CMSG_SPACE(sizeof(int))];
        } control;
        memset(&control, 0, sizeof control);
        struct msghdr message = {.msg_control = &control, .msg_controllen = sizeof control};
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(rights), &memory, sizeof memory);
        if (sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) outcome = -errno;
    }
    close(memory);
    return outcome;
}

int supd_journal_send(int socket, const void *entry, size_t count) {
    ssize_t sent;
    do {
        sent = send(socket, entry, count, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent >= 0) return 0;
    // EMSGSIZE over the limit of a datagram, ENOBUFS where the kernel has no room for one so large.
    if (errno == EMSGSIZE || errno == ENOBUFS) return send_by_memfd(socket, entry, count);
    return -errno;
}
