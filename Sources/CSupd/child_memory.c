#define _GNU_SOURCE
#include "child_memory.h"

#include <linux/futex.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "raw.h"

static int64_t monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

int await_departure(uint32_t *is_under_way, int pidfd, int64_t nanoseconds) {
    int64_t deadline = nanoseconds > 0 ? monotonic() + nanoseconds : 0;
    while (__atomic_load_n(is_under_way, __ATOMIC_ACQUIRE) != 0) {
        int64_t left = deadline > 0 ? deadline - monotonic() : 0;
        if (left > 0) {
            struct timespec time = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
            // Not a private one: the kernel wakes it as one that processes share.
            RAW4(SYS_futex, is_under_way, FUTEX_WAIT, 1, &time);
            continue;
        }
        // Of one that dumps core before Linux 5.16 nothing is cleared.
        struct pollfd entry = {.fd = pidfd, .events = POLLIN};
        if (poll(&entry, 1, 0) <= 0) return 0;
        break;
    }
    *is_under_way = 0;
    return 1;
}
