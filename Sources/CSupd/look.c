#define _GNU_SOURCE
#include "supd_look.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/stat.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>

#include "child_memory.h"
#include "raw.h"
#include "spawn_internal.h"
#include "supd_processes.h"

IN_CHILD void read_whole(struct supd_look *look, const char *path) {
    // Not waiting for the other end of what became a FIFO since.
    long file = RAW4(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
    if (file < 0) {
        look->error = (int32_t)-file;
        return;
    }
    while (look->count < look->capacity) {
        long bytes = RAW3(SYS_read, file, (char *)look->buffer + look->count, look->capacity - look->count);
        if (bytes == -EINTR) continue;
        if (bytes < 0) look->error = (int32_t)-bytes;
        if (bytes <= 0) return;
        look->count += (size_t)bytes;
    }
}

IN_CHILD int look_in_child(void *argument) {
    struct supd_look *look = argument;
    // A table of descriptors of its own, with nothing in it: what it opens goes with it, and nothing of the daemon's is held by it.
    if (RAW3(SYS_close_range, 0, ~0U, CLOSE_RANGE_UNSHARE) < 0) {
        long error = RAW1(SYS_unshare, CLONE_FILES);
        if (error < 0) {
            look->error = (int32_t)-error;
            return 0;
        }
        supd_child_close_from(0);
    }
    for (int index = 0; look->paths[index] != 0; index++) {
        struct statx status;
        long outcome = RAW5(SYS_statx, AT_FDCWD, look->paths[index], 0, STATX_TYPE | STATX_MODE, &status);
        look->error = (int32_t)-outcome;
        if (outcome == -ENOENT || outcome == -ENOTDIR) continue;
        if (outcome < 0) return 0;
        look->index = index;
        look->mode = status.stx_mode;
        if (look->capacity > 0 && (status.stx_mode & S_IFMT) == S_IFREG) read_whole(look, look->paths[index]);
        return 0;
    }
    return 0;
}

int supd_look_begin(struct supd_look *look, void *stack) {
    look->index = -1;
    look->error = 0;
    look->mode = 0;
    look->count = 0;
    look->is_under_way = 1;
    look->pid = -1;
    look->pidfd = -1;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    // Nobody is told of its end by a signal.
    int pid = clone(look_in_child, (char *)stack + SPAWN_STACK_SIZE, CLONE_VM | CLONE_FILES | CLONE_PIDFD | CLONE_CHILD_CLEARTID,
                    look, &look->pidfd, NULL, &look->is_under_way);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        look->is_under_way = 0;
        look->pidfd = -1;
        return -error;
    }
    look->pid = pid;
    return 0;
}

int supd_look_await(struct supd_look *look, int64_t nanoseconds) {
    if (!await_departure(&look->is_under_way, look->pidfd, nanoseconds)) return 0;
    if (look->pidfd >= 0) supd_pidfd_collect(look->pidfd, 5);
    look->pidfd = -1;
    return 1;
}
