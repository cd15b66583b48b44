#define _GNU_SOURCE
#include "supd_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw.h"
#include "spawn_internal.h"
#include "supd_processes.h"

enum { STACK_SIZE = 64 * 1024 };

// The child's stack, made once: only one child at a time lives in this memory. The lowest page is a guard.
static char *child_stack;
// Set once clone3 was refused; a filter that refuses it once always does.
static atomic_bool clone3_refused;

static int make_child_stack(void) {
    if (child_stack != NULL) return 0;
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    char *memory = mmap(NULL, guard + STACK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return -errno;
    if (mprotect(memory, guard, PROT_NONE) < 0) {
        int error = errno;
        munmap(memory, guard + STACK_SIZE);
        return -error;
    }
    child_stack = memory + guard;
    return 0;
}

static int refuse(struct supd_spawn_result *result, int stage, int error, int detail) {
    result->error = error;
    result->stage = stage;
    result->detail = detail;
    return -error;
}

// Errors of clone3(2) that are none of the control group's.
static int is_of_clone(int error) {
    return error == EAGAIN || error == ENOMEM || error == ENOSYS || error == EPERM || error == EMFILE || error == ENFILE;
}

static int by_clone3(const struct supd_spawn_request *request, struct supd_spawn_result *result) {
    int error = make_child_stack();
    if (error < 0) return refuse(result, SUPD_STAGE_CLONE, -error, 0);
    struct spawn_failure failure = {0, SUPD_STAGE_NONE, 0};
    struct spawn_child child = {.request = request, .failure = &failure, .report = -1};
    int pidfd = -1;
    int control_group = request->flags & SUPD_SPAWN_CONTROL_GROUP ? request->control_group : -1;
    long pid = supd_clone3_vfork(child_stack, STACK_SIZE, supd_spawn_child, &child, control_group, &pidfd);
    if (pid < 0) {
        int is_of_group = control_group >= 0 && !is_of_clone((int)-pid);
        return refuse(result, is_of_group ? SUPD_STAGE_CONTROL_GROUP : SUPD_STAGE_CLONE, (int)-pid, 0);
    }
    if (failure.error != 0) {
        // It has left, or is about to: nobody hears of it.
        supd_pidfd_collect(pidfd);
        return refuse(result, failure.stage, failure.error, failure.detail);
    }
    result->pid = (int32_t)pid;
    result->pidfd = pidfd;
    return 0;
}

static int by_fork(const struct supd_spawn_request *request, struct supd_spawn_result *result) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return refuse(result, SUPD_STAGE_PIPE, errno, 0);
    // Into a slot, for the child closes all else; the slot goes back to what it was.
    int kept = fcntl(request->report_slot, F_DUPFD_CLOEXEC, 3);
    if (kept < 0 || dup3(ends[1], request->report_slot, O_CLOEXEC) < 0) {
        int error = errno;
        if (kept >= 0) close(kept);
        close(ends[0]);
        close(ends[1]);
        return refuse(result, SUPD_STAGE_PIPE, error, 0);
    }
    close(ends[1]);
    struct spawn_failure failure = {0, SUPD_STAGE_NONE, 0};
    struct spawn_child child = {.request = request,
                                .failure = &failure,
                                .report = request->report_slot,
                                .enters_group = (request->flags & SUPD_SPAWN_CONTROL_GROUP) != 0};
    pid_t pid = fork();
    if (pid == 0) _exit(supd_spawn_child(&child));
    int fork_error = errno;
    dup3(kept, request->report_slot, O_CLOEXEC);
    close(kept);
    if (pid < 0) {
        close(ends[0]);
        return refuse(result, SUPD_STAGE_CLONE, fork_error, 0);
    }
    // The number is this child's until it is collected, and nobody else collects it.
    int pidfd = supd_pidfd_open(pid);
    if (pidfd < 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR) {}
        close(ends[0]);
        return refuse(result, SUPD_STAGE_CLONE, -pidfd, 0);
    }
    ssize_t bytes;
    do {
        bytes = read(ends[0], (void *)&failure, sizeof failure);
    } while (bytes < 0 && errno == EINTR);
    close(ends[0]);
    if (bytes == (ssize_t)sizeof failure) {
        // It has left, or is about to: nobody hears of it.
        supd_pidfd_collect(pidfd);
        return refuse(result, failure.stage, failure.error, failure.detail);
    }
    result->pid = pid;
    result->pidfd = pidfd;
    return 0;
}

int supd_spawn(const struct supd_spawn_request *request, struct supd_spawn_result *result) {
    memset(result, 0, sizeof *result);
    result->pidfd = -1;
    // No handler may run in the child while the memory is shared, those of the C library (32, 33) included; and a
    // thread that is cancelled here would leave a child nobody knows.
    uint64_t all = ~(uint64_t)0;
    uint64_t before = 0;
    RAW4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof before);
    int outcome = -ENOSYS;
    int forks = (request->flags & SUPD_SPAWN_BY_FORK) || atomic_load_explicit(&clone3_refused, memory_order_relaxed);
    if (!forks) {
        outcome = by_clone3(request, result);
        forks = result->stage == SUPD_STAGE_CLONE && (result->error == ENOSYS || result->error == EPERM);
        // EPERM may be the group's as well, and then says nothing of the next spawn.
        int is_refused = result->error == ENOSYS || !(request->flags & SUPD_SPAWN_CONTROL_GROUP);
        if (forks && is_refused) atomic_store_explicit(&clone3_refused, 1, memory_order_relaxed);
    }
    if (forks) {
        memset(result, 0, sizeof *result);
        result->pidfd = -1;
        outcome = by_fork(request, result);
    }
    RAW4(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, sizeof before);
    return outcome;
}
