#define _GNU_SOURCE
#include "supd_settings.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int result(long value) { return value < 0 ? -errno : 0; }

// The kernel's own form has 64 bits everywhere.
int supd_limit_set(int32_t pid, const struct supd_limit *limit) {
    uint64_t values[2] = {limit->soft, limit->hard};
    return result(syscall(SYS_prlimit64, pid, limit->resource, values, NULL));
}

int supd_limit_get(int32_t pid, struct supd_limit *limit) {
    uint64_t values[2];
    if (syscall(SYS_prlimit64, pid, limit->resource, NULL, values) < 0) return -errno;
    limit->soft = values[0];
    limit->hard = values[1];
    return 0;
}

int supd_nice_set(int32_t thread, int32_t nice) { return result(setpriority(PRIO_PROCESS, (id_t)thread, nice)); }

int supd_nice_get(void) {
    // Of an error there is none for the caller itself, and -1 is a niceness.
    return getpriority(PRIO_PROCESS, 0);
}
