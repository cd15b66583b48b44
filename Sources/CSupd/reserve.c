#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "supd_files.h"
#include "supd_processes.h"

enum { RESERVE = 4 };

static _Thread_local int reserve[RESERVE];
static _Thread_local int held;
static _Thread_local int holders;

static void fill(void) {
    if (holders == 0) return;
    while (held < RESERVE) {
        int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) return;
        reserve[held++] = descriptor;
    }
}

void supd_reserve_keep(void) {
    holders++;
    fill();
}

void supd_reserve_drop(void) {
    if (holders == 0 || --holders > 0) return;
    while (held > 0) close(reserve[--held]);
}

// For threads without holders: descriptors and one, or 0 where there is none.
static _Atomic int shared[RESERVE];
static _Atomic int sharers;

static void fill_shared(void) {
    if (atomic_load(&sharers) == 0) return;
    for (int index = 0; index < RESERVE; index++) {
        if (atomic_load(&shared[index]) != 0) continue;
        int descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (descriptor < 0) return;
        int nothing = 0;
        if (!atomic_compare_exchange_strong(&shared[index], &nothing, descriptor + 1)) close(descriptor);
    }
}

static int spend_shared(void) {
    for (int index = 0; index < RESERVE; index++) {
        int taken = atomic_exchange(&shared[index], 0);
        if (taken == 0) continue;
        close(taken - 1);
        return 1;
    }
    return 0;
}

void supd_reserve_share(void) {
    atomic_fetch_add(&sharers, 1);
    fill_shared();
}

void supd_reserve_unshare(void) {
    if (atomic_fetch_sub(&sharers, 1) > 1) return;
    while (spend_shared()) {}
}

// 1 where the call that failed with error is worth repeating.
static int spend(int error) {
    if (error != -EMFILE && error != -ENFILE) return 0;
    if (holders == 0) return spend_shared();
    if (held == 0) return 0;
    close(reserve[--held]);
    return 1;
}

int supd_open_briefly(const char *path, int flags) {
    int descriptor = supd_open(path, flags, 0);
    return spend(descriptor) ? supd_open(path, flags, 0) : descriptor;
}

int supd_pidfd_open_briefly(int32_t pid) {
    int descriptor = supd_pidfd_open(pid);
    return spend(descriptor) ? supd_pidfd_open(pid) : descriptor;
}

int supd_open_as_owner(const char *folder, const char *name) {
    struct stat status;
    char path[64];
    if (stat(folder, &status) < 0) return -errno;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return -ENAMETOOLONG;
    // Of this thread only, which the wrappers of the C library promise as well. The group first: with the user goes the right to
    // change it.
    syscall(SYS_setfsgid, status.st_gid);
    syscall(SYS_setfsuid, status.st_uid);
    int descriptor = supd_open_briefly(path, O_RDONLY);
    syscall(SYS_setfsuid, geteuid());
    syscall(SYS_setfsgid, getegid());
    return descriptor;
}

void supd_close_briefly(int descriptor) {
    if (descriptor >= 0) close(descriptor);
    if (holders == 0) {
        fill_shared();
    } else if (held < RESERVE) {
        fill();
    }
}
