#pragma once

#include "supd_spawn.h"

// Where the child says what failed: in the parent's memory, or in its own and then through a pipe.
struct spawn_failure {
    volatile int32_t error;
    volatile int32_t stage;
    volatile int32_t detail;
};

struct spawn_child {
    const struct supd_spawn_request *request;
    struct spawn_failure *failure;
    // The writing end of the fork fallback's pipe, a slot; -1 in shared memory.
    int report;
};

// Everything from clone to exec, in the child, with raw system calls only. Returns only to exit.
int supd_spawn_child(void *child);

// clone3(2) into function(argument) on the given stack. The child's pid, or a negated errno; -ENOSYS where this
// machine has no such code. Sets *pidfd in the parent.
long supd_clone3_vfork(void *stack, size_t stack_size, int (*function)(void *), void *argument, int *pidfd,
                       int control_group);
