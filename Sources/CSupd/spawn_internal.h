#pragma once

#include "supd_spawn.h"

// This runs in the parent's memory on a stack of its own, while the parent waits in clone3: no C library, no
// locks, no allocation, and no instrumentation by a sanitizer, which would keep books about the parent's stack.
#define IN_CHILD __attribute__((disable_sanitizer_instrumentation)) static

// Where the child says what failed: in the parent's memory, or in its own and then through a pipe.
struct spawn_failure {
    volatile int32_t error;
    volatile int32_t stage;
    volatile int32_t detail;
};

struct spawn_child {
    const struct supd_spawn_request *request;
    struct spawn_failure *failure;
    // The writing end of the fork fallback's pipe, a slot at first; -1 in shared memory.
    int report;
    // Whether it was born outside of its control group, and has to enter it.
    int enters_group;
};

// Everything from clone to exec, in the child, with raw system calls only. Returns only to exit.
int supd_spawn_child(void *child);

// clone3(2) into function(argument) on the given stack. The child's pid, or a negated errno; -ENOSYS where this
// machine has no such code. Sets *pidfd in the parent. The child is born into control_group where that is not -1.
long supd_clone3_vfork(void *stack, size_t stack_size, int (*function)(void *), void *argument, int control_group,
                       int *pidfd);

// Its descriptors, in the order of these calls; each answers 0 or a negated errno.
//
// Takes a table of descriptors of the child's own, with the slots and the sockets and nothing after them.
long supd_spawn_leave_descriptor_table(const struct supd_spawn_request *request);
// Moves the sockets, and the report, out of the way of the places that the sockets are to have. Before the limits are set:
// a low limit of descriptors leaves room for no more than the places themselves.
long supd_spawn_clear_places(struct spawn_child *child);
// Puts the standard three where they belong.
long supd_spawn_place_standard(const struct supd_spawn_request *request);
// Puts the sockets where they belong and closes the rest.
long supd_spawn_place_sockets(const struct spawn_child *child);
