#pragma once

#include "supd_spawn.h"

// This runs in the parent's memory on a stack of its own, beside the parent: no C library, no
// locks, no allocation, and no instrumentation by a sanitizer, which would keep books about the parent's stack.
#define IN_CHILD __attribute__((disable_sanitizer_instrumentation)) static

// Of supd_spawn_stack_make.
enum { SPAWN_STACK_SIZE = 64 * 1024 };

// What goes through the pipe where memory is not shared.
struct spawn_failure {
    int32_t error;
    int32_t stage;
    int32_t detail;
};

// Everything from clone to exec, in the child, with raw system calls only: of a struct supd_spawn. Returns only to exit.
int supd_spawn_child(void *spawn);

// clone3(2) into function(argument) on the given stack, in this memory and with this table of descriptors. The child's pid, or a
// negated errno; -ENOSYS where this machine has no such code. Sets *pidfd, and clears *alive once the child has left this memory.
// The child is born into control_group where that is not -1.
long supd_clone3_here(void *stack, size_t stack_size, int (*function)(void *), void *argument, int control_group,
                      int *pidfd, uint32_t *alive);

// Closes what is open from first on, one by one, in a child with a table of its own.
void supd_child_close_from(int first);

// Its descriptors, in the order of these calls; each answers 0 or a negated errno.
//
// Takes a table of descriptors of the child's own, with the slots and the sockets and nothing after them.
long supd_spawn_leave_descriptor_table(const struct supd_spawn_request *request);
// Moves the sockets, and the report, out of the way of the places that the sockets are to have. Before the limits are set:
// a low limit of descriptors leaves room for no more than the places themselves.
long supd_spawn_clear_places(struct supd_spawn *spawn);
// Puts the standard three where they belong.
long supd_spawn_place_standard(const struct supd_spawn_request *request);
// Puts the sockets where they belong and closes the rest.
long supd_spawn_place_sockets(const struct supd_spawn *spawn);
