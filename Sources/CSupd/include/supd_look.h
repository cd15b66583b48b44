#pragma once

#include <stddef.h>
#include <stdint.h>

// Looks at files, or reads them, in a child that shares this memory (clone(2), CLONE_VM): a file system that does not answer holds
// it for as long as it likes. Not in a thread: a process with a thread that the kernel holds has not ended, whatever it calls.

struct supd_look {
    // The first of these that is there; ends with NULL.
    const char *const *paths;
    // Where the bytes of a regular file go; a capacity of 0: it is not opened.
    void *buffer;
    size_t capacity;
    // Which of the paths it was; -1 for none.
    int32_t index;
    // 0, or the errno of what failed for it, or of the last path.
    int32_t error;
    // st_mode of stat(2), 0 where that failed.
    uint32_t mode;
    // How many bytes were read; capacity where there are so many or more.
    size_t count;
    // 1 until the kernel clears it, when the child has left (CLONE_CHILD_CLEARTID).
    uint32_t is_under_way;
    int32_t pid;
    int32_t pidfd;
};

// Makes the child, on a stack of supd_spawn_stack_make. 0 or a negated errno. Until supd_look_await answers 1 all of this, and the
// stack, belong to the child.
int supd_look_begin(struct supd_look *look, void *stack);
// Waits for its end, at most so long: 1, and it is collected, or 0.
int supd_look_await(struct supd_look *look, int64_t nanoseconds);
