#define _GNU_SOURCE
#include "bind_mode.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "raw.h"
#include "spawn_internal.h"

struct binding {
    int descriptor;
    const void *address;
    socklen_t length;
    uint32_t mask;
    volatile long outcome;
};

IN_CHILD int bind_masked(void *argument) {
    struct binding *binding = argument;
    RAW1(SYS_umask, binding->mask);
    binding->outcome = RAW3(SYS_bind, binding->descriptor, binding->address, binding->length);
    return 0;
}

// The mask is the whole process's, and other threads make files meanwhile: a log that was made with this one would be anybody's to
// write. Setting the mode afterwards would give away a moment, and by path perhaps another's file. So a child binds, which shares
// memory and descriptors but has a mask of its own (clone(2), CLONE_FS), and of which nobody is told.
int bind_with_mode(int descriptor, const void *address, socklen_t length, uint32_t mode) {
    char *stack = supd_spawn_stack_make();
    if (stack == NULL) return -1;
    struct binding binding = {descriptor, address, length, ~mode & 0777, -EIO};
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int pid = clone(bind_masked, stack + SPAWN_STACK_SIZE, CLONE_VM | CLONE_VFORK | CLONE_FILES, &binding);
    int error = errno;
    if (pid > 0) {
        while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR) {}
        error = (int)-binding.outcome;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    supd_spawn_stack_free(stack);
    if (pid > 0 && binding.outcome >= 0) return 0;
    errno = error;
    return -1;
}
