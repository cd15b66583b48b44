#define _GNU_SOURCE
#include "supd_notices.h"

#include "bind_mode.h"
#include "fail_closing.h"
#include "supd_files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

int supd_notices_bind(const char *path, uint32_t uid) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path) return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length);
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -errno;
    int yes = 1;
    if (setsockopt(descriptor, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0) return fail_closing(descriptor);
    if (bind_with_mode(descriptor, &address, sizeof address, 0600) < 0) return fail_closing(descriptor);
    if (uid != (uint32_t)-1 && lchown(path, uid, (gid_t)-1) < 0) {
        int error = errno;
        unlink(path);
        errno = error;
        return fail_closing(descriptor);
    }
    return descriptor;
}

static void take_descriptors(const struct cmsghdr *header, struct supd_notice *notice) {
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const unsigned char *data = CMSG_DATA(header);
    for (size_t index = 0; index < count; index++) {
        int descriptor;
        memcpy(&descriptor, data + index * sizeof descriptor, sizeof descriptor);
        if (notice->descriptor_count < SUPD_NOTICE_DESCRIPTORS)
            notice->descriptors[notice->descriptor_count++] = descriptor;
        else
            close(descriptor);
    }
}

long supd_notices_receive(int socket, void *bytes, size_t size, struct supd_notice *notice) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * SUPD_NOTICE_DESCRIPTORS)];
    } control;
    struct iovec part = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    notice->pid = 0;
    notice->uid = (uint32_t)-1;
    notice->descriptor_count = 0;
    ssize_t count = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count < 0) return -errno;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET) continue;
        if (header->cmsg_type == SCM_RIGHTS) take_descriptors(header, notice);
        if (header->cmsg_type == SCM_CREDENTIALS && header->cmsg_len >= CMSG_LEN(sizeof(struct ucred))) {
            struct ucred credentials;
            memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
            notice->pid = credentials.pid;
            notice->uid = credentials.uid;
        }
    }
    notice->is_cut = (message.msg_flags & MSG_TRUNC) != 0;
    notice->has_lost = (message.msg_flags & MSG_CTRUNC) != 0;
    return count;
}

void supd_file_identity(int descriptor, uint64_t *device, uint64_t *inode) {
    struct statx status;
    if (statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_INO, &status) < 0) return;
    *device = (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor;
    *inode = status.stx_ino;
}

int supd_is_same_file(int descriptor, int other) {
    long order = syscall(SYS_kcmp, getpid(), getpid(), KCMP_FILE, (unsigned long)descriptor, (unsigned long)other);
    if (order >= 0) return order == 0;
    // The kernel has none, or a container forbids it. What has no type is an eventfd(2) or the like, and a device may make each open file
    // another thing.
    int kind = supd_file_kind(descriptor);
    return kind > 0 && kind != S_IFCHR && kind != S_IFBLK && fcntl(descriptor, F_GETFL) == fcntl(other, F_GETFL);
}
