#pragma once

#include <stdint.h>

#include "supd_spawn.h"

// prlimit(2) and setpriority(2), of processes that run.

// Sets a limit of a process.
int supd_limit_set(int32_t pid, const struct supd_limit *limit);
// Fills in what a process has of limit->resource; of 0 what the caller itself has.
int supd_limit_get(int32_t pid, struct supd_limit *limit);
// Sets the niceness of one thread.
int supd_nice_set(int32_t thread, int32_t nice);
// That of the thread that calls, from -20 to 19: no error, whatever its sign.
int supd_nice_get(void);
