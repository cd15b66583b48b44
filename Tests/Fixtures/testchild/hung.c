// A file system that does not answer.

#define _GNU_SOURCE
#include "testchild.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FOLDER = FUSE_ROOT_ID, FILE_NODE = 2, SECONDS_KEPT = 1000 };

static int device;

static void answer(const struct fuse_in_header *request, int error, const void *body, size_t length) {
    char reply[512];
    struct fuse_out_header header = {.len = sizeof header, .error = -error, .unique = request->unique};
    if (error == 0) header.len += length;
    memcpy(reply, &header, sizeof header);
    if (error == 0 && length > 0) memcpy(reply + sizeof header, body, length);
    // The other side may have given up.
    if (write(device, reply, header.len) < 0) return;
}

static struct fuse_attr attributes(uint64_t node) {
    return (struct fuse_attr){
        .ino = node, .nlink = 1, .blksize = 4096, .mode = node == FOLDER ? S_IFDIR | 0755 : S_IFREG | 0755};
}

static void serve(const struct fuse_in_header *request, const void *body) {
    switch (request->opcode) {
    case FUSE_INIT: {
        struct fuse_init_out reply = {
            .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION, .max_write = 4096, .max_background = 16};
        answer(request, 0, &reply, sizeof reply);
        break;
    }
    case FUSE_GETATTR:
    case FUSE_SETATTR: {
        struct fuse_attr_out reply = {.attr_valid = SECONDS_KEPT, .attr = attributes(request->nodeid)};
        answer(request, 0, &reply, sizeof reply);
        break;
    }
    case FUSE_LOOKUP: {
        if (strcmp(body, "hung") == 0) break;
        struct fuse_entry_out reply = {
            .nodeid = FILE_NODE, .entry_valid = SECONDS_KEPT, .attr_valid = SECONDS_KEPT, .attr = attributes(FILE_NODE)};
        answer(request, strcmp(body, "file") == 0 ? 0 : ENOENT, &reply, sizeof reply);
        break;
    }
    case FUSE_OPEN:
    case FUSE_OPENDIR: {
        struct fuse_open_out reply = {0};
        answer(request, 0, &reply, sizeof reply);
        break;
    }
    case FUSE_READ:
    case FUSE_WRITE:
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: break;
    case FUSE_FLUSH:
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR: answer(request, 0, NULL, 0); break;
    default: answer(request, ENOSYS, NULL, 0);
    }
}

enum { MILLISECONDS_AFTER = 1000 };

// Until a while after the process of pidfd has ended: then the kernel takes the file system away, and whatever hangs there goes on.
static void serve_until_end(int pidfd) {
    static char request[64 * 1024];
    struct pollfd entries[] = {{.fd = device, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
    for (;;) {
        int count_ready = poll(entries, 2, entries[1].fd < 0 ? MILLISECONDS_AFTER : -1);
        if (count_ready == 0) _exit(0);
        if (count_ready < 0) continue;
        if (entries[1].revents != 0) entries[1].fd = -1;
        if (entries[0].revents == 0) continue;
        ssize_t count = read(device, request, sizeof request);
        if (count >= (ssize_t)sizeof(struct fuse_in_header)) {
            serve((struct fuse_in_header *)request, request + sizeof(struct fuse_in_header));
        } else if (count < 0 && errno != EINTR && errno != ENOENT) {
            _exit(0);
        }
    }
}

static int on_hung_files(int count, char **words) {
    if (count < 2) return 64;
    device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    char options[100];
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", device);
    if (device < 0 || mount("hung", words[0], "fuse", MS_NODEV, options) < 0) {
        perror("mount of a FUSE file system");
        return 111;
    }
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    // No child of the command's: it is not for that one to end.
    pid_t between = fork_child();
    if (between == 0) {
        if (fork_child() == 0) serve_until_end(pidfd);
        _exit(0);
    }
    waitpid(between, NULL, 0);
    close(device);
    close(pidfd);
    execv(words[1], words + 1);
    perror(words[1]);
    return 111;
}

const struct verb hung_verbs[] = {
    {"on-hung-files", on_hung_files,
     "FOLDER COMMAND...: mounts files there that hang: FOLDER/hung when opened, FOLDER/file when read and written"},
    {NULL, NULL, NULL},
};
