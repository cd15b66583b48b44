// What control groups cost the kernel alone: a bare loop of the calls that a supervisor has to make, with and without them.
//
//   groups none|made|kept FOLDER COUNT PROGRAM ARGUMENT…
//
// Kills one process of PROGRAM and starts the next, COUNT times, and prints "replace MICROSECONDS", the median from the signal to the
// end of clone3(2), which is when the program has begun. Then starts COUNT of them, "start MILLISECONDS", of this process's own time, and
// ends them by SIGTERM, "gone MILLISECONDS" when the last is collected, "end MILLISECONDS" when their groups are removed as well. With
// `made` each start has a group made in FOLDER and each end has one removed; with `kept` the replacement is born into the group of the
// one before.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static char **program;
static const char *folder;

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "groups: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static const char *path_of(int index) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%d", folder, index);
    return path;
}

// As supd does it: in this memory, on a stack of its own. Waits until the program has begun. The pidfd.
static int start(int group) {
    static char stack[16384] __attribute__((aligned(16)));
    int pidfd = -1;
    struct clone_args arguments = {
        .flags = CLONE_PIDFD | CLONE_VM | CLONE_VFORK | (group >= 0 ? CLONE_INTO_CGROUP : 0),
        .pidfd = (uint64_t)(uintptr_t)&pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = sizeof stack,
        .cgroup = group >= 0 ? (uint64_t)group : 0,
    };
    long result = -ENOSYS;
#if defined(__x86_64__)
    register char **words __asm__("r8") = program;
    register char **variables __asm__("r9") = environ;
    __asm__ volatile(
        "syscall\n\t"
        "testq %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "movq (%%r8), %%rdi\n\t"
        "movq %%r8, %%rsi\n\t"
        "movq %%r9, %%rdx\n\t"
        "movl %[execve], %%eax\n\t"
        "syscall\n\t"
        "movl %[exit], %%eax\n\t"
        "syscall\n\t"
        "1:"
        : "=a"(result)
        : "a"((long)SYS_clone3), "D"(&arguments), "S"(sizeof arguments), "r"(words), "r"(variables), [execve] "i"(SYS_execve),
          [exit] "i"(SYS_exit)
        : "rcx", "rdx", "r11", "memory");
#endif
    if (result < 0) {
        errno = (int)-result;
        fail("clone3");
    }
    return pidfd;
}

static int start_in(int index, int is_grouped, int is_new) {
    if (!is_grouped) return start(-1);
    if (is_new && mkdir(path_of(index), 0755) < 0) fail("mkdir");
    int group = open(path_of(index), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (group < 0) fail("open");
    int pidfd = start(group);
    close(group);
    return pidfd;
}

static void collect(int pidfd) {
    siginfo_t info;
    if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED) < 0) fail("waitid");
    close(pidfd);
}

static int by_size(const void *one, const void *other) {
    int64_t left = *(const int64_t *)one, right = *(const int64_t *)other;
    return left < right ? -1 : left > right;
}

static void replace(int is_grouped, int is_kept, int count) {
    int64_t *taken = calloc((size_t)count, sizeof *taken);
    int pidfd = start_in(0, is_grouped, 1);
    for (int round = 0; round < count; round++) {
        usleep(2000);
        int64_t before = now(CLOCK_MONOTONIC);
        syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
        poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, -1);
        collect(pidfd);
        if (is_grouped && !is_kept && rmdir(path_of(0)) < 0) fail("rmdir");
        pidfd = start_in(0, is_grouped, !is_kept);
        taken[round] = now(CLOCK_MONOTONIC) - before;
    }
    syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    collect(pidfd);
    if (is_grouped) rmdir(path_of(0));
    qsort(taken, (size_t)count, sizeof *taken, by_size);
    printf("replace %.1f\n", (double)taken[count / 2] / 1e3);
    free(taken);
}

static void all_at_once(int is_grouped, int count) {
    int *pidfds = calloc((size_t)count, sizeof *pidfds);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int64_t before = now(CLOCK_PROCESS_CPUTIME_ID);
    for (int index = 0; index < count; index++) {
        pidfds[index] = start_in(index, is_grouped, 1);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = pidfds[index]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, pidfds[index], &event);
    }
    printf("start %.1f\n", (double)(now(CLOCK_PROCESS_CPUTIME_ID) - before) / 1e6);
    usleep(500000);
    before = now(CLOCK_MONOTONIC);
    for (int index = 0; index < count; index++) syscall(SYS_pidfd_send_signal, pidfds[index], SIGTERM, NULL, 0);
    for (int left = count; left > 0;) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int index = 0; index < ready; index++, left--) collect(events[index].data.fd);
    }
    printf("gone %.1f\n", (double)(now(CLOCK_MONOTONIC) - before) / 1e6);
    for (int index = 0; is_grouped && index < count; index++) rmdir(path_of(index));
    printf("end %.1f\n", (double)(now(CLOCK_MONOTONIC) - before) / 1e6);
    free(pidfds);
}

int main(int count, char **words) {
    if (count < 5) {
        fprintf(stderr, "usage: groups none|made|kept FOLDER COUNT PROGRAM ARGUMENT…\n");
        return 2;
    }
    int is_grouped = strcmp(words[1], "none") != 0, is_kept = strcmp(words[1], "kept") == 0;
    folder = words[2];
    int number = atoi(words[3]);
    program = words + 4;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    replace(is_grouped, is_kept, number);
    if (!is_kept) all_at_once(is_grouped, number);
    return 0;
}
