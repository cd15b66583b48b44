#define _GNU_SOURCE
#include "supd_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child_memory.h"
#include "raw.h"
#include "spawn_internal.h"
#include "supd_processes.h"

// Set once clone3 was refused; a filter that refuses it once always does.
static atomic_bool clone3_refused;

// The lowest page is a guard.
void *supd_spawn_stack_make(void) {
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    char *memory = mmap(NULL, guard + SPAWN_STACK_SIZE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    if (mprotect(memory, guard, PROT_NONE) < 0) {
        int error = errno;
        munmap(memory, guard + SPAWN_STACK_SIZE);
        errno = error;
        return NULL;
    }
    return memory + guard;
}

void supd_spawn_stack_free(void *stack) {
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    if (stack != NULL) munmap((char *)stack - guard, guard + SPAWN_STACK_SIZE);
}

static int refuse(struct supd_spawn *spawn, int stage, int error) {
    spawn->is_under_way = 0;
    spawn->error = error;
    spawn->stage = stage;
    return -error;
}

// Errors of clone3(2) that are none of the control group's.
static int is_of_clone(int error) {
    return error == EAGAIN || error == ENOMEM || error == ENOSYS || error == EPERM || error == EMFILE || error == ENFILE;
}

static int by_clone3(struct supd_spawn *spawn) {
    const struct supd_spawn_request *request = spawn->request;
    int control_group = request->flags & SUPD_SPAWN_CONTROL_GROUP ? request->control_group : -1;
    long pid = supd_clone3_here(request->stack, SPAWN_STACK_SIZE, supd_spawn_child, spawn, control_group, &spawn->pidfd,
                                &spawn->is_under_way);
    if (pid < 0) {
        int is_of_group = control_group >= 0 && !is_of_clone((int)-pid);
        spawn->pidfd = -1;
        return refuse(spawn, is_of_group ? SUPD_STAGE_CONTROL_GROUP : SUPD_STAGE_CLONE, (int)-pid);
    }
    spawn->pid = (int32_t)pid;
    return 0;
}

static int by_fork(struct supd_spawn *spawn) {
    const struct supd_spawn_request *request = spawn->request;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return refuse(spawn, SUPD_STAGE_PIPE, errno);
    // Into a slot, for the child closes all else; the slot goes back to what it was.
    int kept = fcntl(request->report_slot, F_DUPFD_CLOEXEC, 3);
    if (kept < 0 || dup3(ends[1], request->report_slot, O_CLOEXEC) < 0) {
        int error = errno;
        if (kept >= 0) close(kept);
        close(ends[0]);
        close(ends[1]);
        return refuse(spawn, SUPD_STAGE_PIPE, error);
    }
    close(ends[1]);
    spawn->child_report = request->report_slot;
    spawn->has_run = 1;
    spawn->enters_group = (request->flags & SUPD_SPAWN_CONTROL_GROUP) != 0;
    pid_t pid = fork();
    if (pid == 0) _exit(supd_spawn_child(spawn));
    int fork_error = errno;
    dup3(kept, request->report_slot, O_CLOEXEC);
    close(kept);
    if (pid < 0) {
        close(ends[0]);
        return refuse(spawn, SUPD_STAGE_CLONE, fork_error);
    }
    // The number is this child's until it is collected, and nobody else collects it.
    int pidfd = supd_pidfd_open(pid);
    if (pidfd < 0) {
        kill(pid, SIGKILL);
        while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR) {}
        close(ends[0]);
        return refuse(spawn, SUPD_STAGE_CLONE, -pidfd);
    }
    spawn->pid = pid;
    spawn->pidfd = pidfd;
    spawn->report = ends[0];
    return 0;
}

static void reset(struct supd_spawn *spawn, const struct supd_spawn_request *request) {
    *spawn = (struct supd_spawn){
        .is_under_way = 1, .pid = -1, .pidfd = -1, .report = -1, .child_report = -1, .request = request};
}

int supd_spawn_begin(struct supd_spawn *spawn, const struct supd_spawn_request *request) {
    reset(spawn, request);
    // No handler may run in the child while the memory is shared, those of the C library (32, 33) included; and a
    // thread that is cancelled here would leave a child nobody knows.
    uint64_t all = ~(uint64_t)0;
    uint64_t before = 0;
    RAW4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof before);
    int outcome = -ENOSYS;
    // Of all that share memory the kernel sets one score, the daemon's as well (__set_oom_adj in its fs/proc/base.c; a parent that
    // waits in vfork is left out, but that is what must not be).
    int needs_memory = (request->flags & SUPD_SPAWN_OOM_SCORE) != 0;
    int forks = needs_memory || (request->flags & SUPD_SPAWN_BY_FORK) ||
                atomic_load_explicit(&clone3_refused, memory_order_relaxed);
    if (!forks) {
        outcome = by_clone3(spawn);
        forks = spawn->stage == SUPD_STAGE_CLONE && (spawn->error == ENOSYS || spawn->error == EPERM);
        // EPERM may be the group's as well, and then says nothing of the next spawn.
        int is_refused = spawn->error == ENOSYS || !(request->flags & SUPD_SPAWN_CONTROL_GROUP);
        if (forks && is_refused) atomic_store_explicit(&clone3_refused, 1, memory_order_relaxed);
    }
    if (forks) {
        reset(spawn, request);
        outcome = by_fork(spawn);
    }
    RAW4(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, sizeof before);
    return outcome;
}

static int await_report(struct supd_spawn *spawn, int64_t nanoseconds) {
    struct timespec time = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    struct pollfd entry = {.fd = spawn->report, .events = POLLIN};
    if (ppoll(&entry, 1, &time, NULL) <= 0) return 0;
    struct spawn_failure failure;
    ssize_t bytes;
    do {
        bytes = read(spawn->report, &failure, sizeof failure);
    } while (bytes < 0 && errno == EINTR);
    close(spawn->report);
    spawn->report = -1;
    spawn->is_under_way = 0;
    if (bytes == (ssize_t)sizeof failure) {
        spawn->error = failure.error;
        spawn->stage = failure.stage;
        spawn->detail = failure.detail;
    }
    return 1;
}

int supd_spawn_await(struct supd_spawn *spawn, int64_t nanoseconds) {
    if (spawn->report >= 0) return await_report(spawn, nanoseconds);
    return await_departure(&spawn->is_under_way, spawn->pidfd, nanoseconds);
}
