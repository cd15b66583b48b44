#pragma once

#include <semaphore.h>
#include <stdint.h>

// Waits for a semaphore, at most so long by the monotonic clock (sem_clockwait(3)), which Swift does not see. Whether it came.
int supd_semaphore_wait(sem_t *semaphore, int64_t nanoseconds);
