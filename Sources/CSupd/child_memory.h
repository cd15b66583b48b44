#pragma once

#include <stdint.h>

// Waits until a child that shares this memory has left it, at most so long: 1, or 0. The kernel clears *is_under_way then, which was
// 1, and wakes who waits there (set_tid_address(2)).
int await_departure(uint32_t *is_under_way, int pidfd, int64_t nanoseconds);
