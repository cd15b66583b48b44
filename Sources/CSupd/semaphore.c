#define _GNU_SOURCE
#include "supd_semaphore.h"

#include <errno.h>
#include <time.h>

int supd_semaphore_wait(sem_t *semaphore, int64_t nanoseconds) {
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    nanoseconds += deadline.tv_nsec;
    deadline.tv_sec += nanoseconds / 1000000000;
    deadline.tv_nsec = nanoseconds % 1000000000;
    while (sem_clockwait(semaphore, CLOCK_MONOTONIC, &deadline) < 0) {
        if (errno != EINTR) return 0;
    }
    return 1;
}
