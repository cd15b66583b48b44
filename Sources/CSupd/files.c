#define _GNU_SOURCE
#include "supd_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static inline int result(int value) { return value < 0 ? -errno : value; }

int supd_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    // Of one end only: O_NONBLOCK belongs to the open file, and the child must not find it on its output.
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

int supd_resize_pipe(int descriptor, int bytes) { return result(fcntl(descriptor, F_SETPIPE_SZ, bytes)); }

int supd_pipe_look(int descriptor) {
    struct pollfd look = {.fd = descriptor, .events = POLLIN};
    return poll(&look, 1, 0) < 0 ? -errno : look.revents;
}

int supd_duplicate_onto(int from, int to) { return result(dup3(from, to, O_CLOEXEC)); }

int supd_duplicate(int descriptor) { return result(fcntl(descriptor, F_DUPFD_CLOEXEC, 3)); }

int supd_open(const char *path, int flags, uint32_t mode) {
    return result(open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, (mode_t)mode));
}

int supd_look_at_hand(const char *path, struct supd_file_state *state) {
    // With O_PATH nothing is opened: neither the file system nor whoever permits it (fanotify(7)) is asked.
    struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_CACHED};
    int descriptor, tries = 10;
    // Where somebody mounts something at that moment, anywhere on the machine, it is refused as well.
    do descriptor = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
    while (descriptor < 0 && errno == EAGAIN && --tries > 0);
    // A kernel before 5.12 does not know the flag, and a filter perhaps not the call.
    if (descriptor < 0) return errno == ENOENT || errno == ENOTDIR ? -errno : -EAGAIN;
    struct statx found;
    int failed = statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &found);
    close(descriptor);
    // What has no device of its own is on a network, in another program, or in memory.
    if (failed || found.stx_dev_major == 0) return -EAGAIN;
    state->mode = found.stx_mode;
    state->device = makedev(found.stx_dev_major, found.stx_dev_minor);
    state->inode = found.stx_ino;
    state->size = (int64_t)found.stx_size;
    state->modified = found.stx_mtime.tv_sec * 1000000000LL + found.stx_mtime.tv_nsec;
    return 0;
}

int supd_set_nonblocking(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -errno;
    return result(fcntl(descriptor, F_SETFL, flags | O_NONBLOCK));
}

int supd_is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

void supd_close_on_exec_from(int first) {
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) return;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        int descriptor = atoi(entry->d_name);
        if (descriptor >= first) fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
    closedir(folder);
}

static int by_number(const void *left, const void *right) {
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

int supd_open_descriptors(int first, int32_t *numbers, int max) {
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) return 0;
    int count = 0;
    struct dirent *entry;
    while (count < max && (entry = readdir(folder)) != NULL) {
        int descriptor = atoi(entry->d_name);
        // What is close-on-exec was opened by this process, or is for it alone.
        if (descriptor >= first && !(fcntl(descriptor, F_GETFD) & FD_CLOEXEC)) numbers[count++] = descriptor;
    }
    closedir(folder);
    qsort(numbers, (size_t)count, sizeof numbers[0], by_number);
    return count;
}

int supd_is_in_memory(const char *folder) {
    struct statfs status;
    return statfs(folder, &status) == 0 && (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

int supd_lock_exclusively(int descriptor) { return result(flock(descriptor, LOCK_EX | LOCK_NB)); }

int supd_poll_writable(int descriptor) {
    struct pollfd entry = {.fd = descriptor, .events = POLLOUT};
    int count = poll(&entry, 1, 0);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    if (entry.revents & POLLNVAL) return -EBADF;
    // POLLERR: the reading end of a pipe is closed; the write itself says EPIPE.
    return entry.revents != 0;
}

int supd_file_kind(int descriptor) {
    struct statx status;
    if (statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) == 0) return status.stx_mode & S_IFMT;
    if (errno != ENOSYS && errno != EPERM) return -errno;
    // A filter of system calls does not know it.
    struct stat asked;
    if (fstat(descriptor, &asked) < 0) return -errno;
    return (int)(asked.st_mode & S_IFMT);
}

int supd_attribute_is_one(const char *path, const char *name) {
    char value[2];
    return getxattr(path, name, value, sizeof value) == 1 && value[0] == '1';
}

int supd_is_in_proc(int folder) {
    struct statfs status;
    return fstatfs(folder, &status) == 0 && status.f_type == PROC_SUPER_MAGIC;
}

int supd_open_folder(int folder, const char *name, int follows) {
    return result(openat(folder, name, O_PATH | O_DIRECTORY | O_CLOEXEC | (follows ? 0 : O_NOFOLLOW)));
}

int supd_link_target(int folder, const char *name, char *target, size_t size) {
    return result((int)readlinkat(folder, name, target, size));
}

uint32_t supd_umask(void) {
    unsigned mask;
    char line[128];
    FILE *status = fopen("/proc/self/status", "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "Umask: %o", &mask) == 1) {
            fclose(status);
            return mask;
        }
    }
    if (status != NULL) fclose(status);
    // Without /proc there is no other way.
    mode_t old = umask(022);
    umask(old);
    return old;
}

int supd_reserve_space(int descriptor, long size) {
    int outcome;
    do {
        outcome = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, size);
    } while (outcome < 0 && errno == EINTR);
    return outcome < 0 && errno != EOPNOTSUPP && errno != ENOSYS ? -errno : 0;
}

int supd_watch_create(void) { return result(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)); }

int supd_watch_add(int watch, const char *path, int folder) {
    // Of a file that is open its removal is told as a change of its links.
    uint32_t own = folder ? IN_ONLYDIR : IN_ATTRIB | IN_MODIFY;
    uint32_t mask = IN_DELETE_SELF | IN_MOVE_SELF | IN_DONT_FOLLOW | own;
    return result(inotify_add_watch(watch, path, mask));
}

void supd_watch_remove(int watch, int number) { inotify_rm_watch(watch, number); }

void supd_watch_clear(int watch) {
    char events[1024] __attribute__((aligned(8)));
    while (read(watch, events, sizeof events) > 0) {}
}
