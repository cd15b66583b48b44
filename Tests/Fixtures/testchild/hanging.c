// A file system that does not answer, and what others do with theirs.

#define _GNU_SOURCE
#include "testchild.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOT = 1, FILE_NODE = 2, FOLDER_NODE = 3, MUTE_NODE = 4, HELD_MAX = 256 };

static const char contents[] = "RELEASED=yes\n";

static struct {
    int device;
    int is_released;
    struct fuse_in_header held[HELD_MAX];
    int held_count;
} server;

static void reply(uint64_t unique, int error, const void *payload, size_t size) {
    char message[sizeof(struct fuse_out_header) + 4096];
    struct fuse_out_header *header = (struct fuse_out_header *)message;
    if (error != 0) size = 0;
    *header = (struct fuse_out_header){.len = (uint32_t)(sizeof *header + size), .error = -error, .unique = unique};
    if (size > 0) memcpy(message + sizeof *header, payload, size);
    // Whoever asked may have gone meanwhile.
    if (write(server.device, message, header->len) < 0) return;
}

static struct fuse_attr attributes(uint64_t node) {
    return (struct fuse_attr){
        .ino = node, .nlink = 1, .mode = node == FILE_NODE || node == MUTE_NODE ? S_IFREG | 0644 : S_IFDIR | 0755,
        .size = node == FILE_NODE ? sizeof contents - 1 : 0, .blksize = 4096};
}

static void reply_entry(uint64_t unique, uint64_t node) {
    struct fuse_entry_out entry = {
        .nodeid = node, .entry_valid = 1000, .attr_valid = node == MUTE_NODE ? 0 : 1000, .attr = attributes(node)};
    reply(unique, 0, &entry, sizeof entry);
}

static void reply_attributes(const struct fuse_in_header *request) {
    struct fuse_attr_out out = {
        .attr_valid = request->nodeid == MUTE_NODE ? 0 : 1000, .attr = attributes(request->nodeid)};
    reply(request->unique, 0, &out, sizeof out);
}

// What hangs until it is released: the lookup of "h", a folder, reads of "f", and whatever is asked of "m" but to open and to close it.
static void answer_held(const struct fuse_in_header *request) {
    if (request->opcode == FUSE_LOOKUP) {
        reply_entry(request->unique, FOLDER_NODE);
    } else if (request->opcode == FUSE_GETATTR) {
        reply_attributes(request);
    } else if (request->opcode == FUSE_POLL) {
        struct fuse_poll_out out = {0};
        reply(request->unique, 0, &out, sizeof out);
    } else {
        reply(request->unique, 0, contents, sizeof contents - 1);
    }
}

static void hold(const struct fuse_in_header *request) {
    if (server.is_released) return answer_held(request);
    if (server.held_count < HELD_MAX) server.held[server.held_count++] = *request;
}

static void answer(struct fuse_in_header *request) {
    void *argument = request + 1;
    switch (request->opcode) {
    case FUSE_INIT: {
        struct fuse_init_in *wanted = argument;
        struct fuse_init_out init = {.major = FUSE_KERNEL_VERSION, .max_readahead = 4096, .max_write = 4096};
        // Who waits for a page can be killed then.
        init.flags = wanted->flags & FUSE_ASYNC_READ;
        init.minor = wanted->minor < FUSE_KERNEL_MINOR_VERSION ? wanted->minor : FUSE_KERNEL_MINOR_VERSION;
        return reply(request->unique, 0, &init, sizeof init);
    }
    case FUSE_GETATTR: return request->nodeid == MUTE_NODE ? hold(request) : reply_attributes(request);
    case FUSE_POLL: return hold(request);
    case FUSE_LOOKUP:
        if (strcmp(argument, "h") == 0) return hold(request);
        if (strcmp(argument, "f") == 0) return reply_entry(request->unique, FILE_NODE);
        if (strcmp(argument, "m") == 0) return reply_entry(request->unique, MUTE_NODE);
        return reply(request->unique, ENOENT, NULL, 0);
    case FUSE_OPEN:
    case FUSE_OPENDIR: {
        // With what it has in its cache the kernel has to wait for no page that is under way.
        struct fuse_open_out out = {.open_flags = FOPEN_DIRECT_IO | FOPEN_KEEP_CACHE};
        return reply(request->unique, 0, &out, sizeof out);
    }
    case FUSE_READ: {
        struct fuse_read_in *wanted = argument;
        return wanted->offset == 0 ? hold(request) : reply(request->unique, 0, contents, 0);
    }
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT: return;
    case FUSE_RELEASE:
    case FUSE_RELEASEDIR:
    case FUSE_FLUSH: return reply(request->unique, 0, NULL, 0);
    default: return reply(request->unique, ENOSYS, NULL, 0);
    }
}

// Serves until the process of `pidfd` has ended; then the kernel lets go of whoever still waits.
static void serve(int pidfd, const char *release) {
    static char message[1 << 17] __attribute__((aligned(8)));
    struct pollfd entries[2] = {{.fd = server.device, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
    while (entries[1].revents == 0) {
        if (poll(entries, 2, 10) < 0 && errno != EINTR) return;
        if (!server.is_released && access(release, F_OK) == 0) {
            server.is_released = 1;
            for (int index = 0; index < server.held_count; index++) answer_held(&server.held[index]);
        }
        if (entries[0].revents == 0) continue;
        ssize_t size = read(server.device, message, sizeof message);
        if (size < 0 && errno == ENODEV) return;
        if (size >= (ssize_t)sizeof(struct fuse_in_header)) answer((struct fuse_in_header *)message);
    }
}

static int beside_hung_files(int count, char **words) {
    if (count < 2) return 64;
    char options[100];
    char release[4096];
    snprintf(release, sizeof release, "%s.released", words[0]);
    // Nobody else sees it, and it goes with the last one who does.
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        perror("a mount namespace");
        return 111;
    }
    // A request that was told of may be gone again: whoever made it was killed meanwhile.
    server.device = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", server.device);
    if (server.device < 0 || mount("hung", words[0], "fuse", MS_NODEV, options) < 0) {
        perror("a FUSE file system");
        return 111;
    }
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
    // Not below the command, which ends what is.
    pid_t between = fork_child();
    if (between == 0) {
        if (fork_child() == 0) serve(pidfd, release);
        _exit(0);
    }
    waitpid(between, NULL, 0);
    close(pidfd);
    close(server.device);
    alarm(0);
    execv(words[1], words + 1);
    perror(words[1]);
    return 111;
}

// Mounts and unmounts until it is ended, where nobody else sees it.
static int mount_again(int count, char **words) {
    if (count < 1) return 64;
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        say("mounts 0");
        wait_for_ever();
    }
    say("mounts 1");
    while (mount("none", words[0], "tmpfs", 0, NULL) == 0 && umount(words[0]) == 0) {}
    return 111;
}

const struct verb hanging_verbs[] = {
    {"mount-again", mount_again, "FOLDER: mount something there and unmount it, again and again"},
    {"beside-hung-files", beside_hung_files,
     "FOLDER COMMAND...: run it where the lookup of FOLDER/h, the reading of FOLDER/f, and any question about FOLDER/m hang until "
     "FOLDER.released is there"},
    {NULL, NULL, NULL},
};
