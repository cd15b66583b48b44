#define _GNU_SOURCE
#include "supd_apart.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESS_STACK = 128 * 1024, THREAD_STACK = PROCESS_STACK + 64 * 1024 };

struct room {
    void (*function)(void *, int);
    void (*ended)(void *);
    void *argument;
    int kept;
    pid_t parent;
};

static void close_others(int kept) {
    long error = kept > 3 ? syscall(SYS_close_range, 3, (unsigned)kept - 1, 0) : 0;
    if (error == 0) error = syscall(SYS_close_range, (unsigned)kept + 1, ~0U, 0);
    if (error == 0) return;
    // Before kernel 5.9, or refused.
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) return;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        int descriptor = atoi(entry->d_name);
        if (descriptor >= 3 && descriptor != kept && descriptor != dirfd(folder)) close(descriptor);
    }
    closedir(folder);
}

static int begin(void *argument) {
    struct room *room = argument;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    // The parent may have ended before that was asked for.
    if (getppid() != room->parent) return 0;
    // What a terminal sends to the daemon's process group is not for this one.
    setsid();
    prctl(PR_SET_NAME, "supd-files");
    close_others(room->kept);
    room->function(room->argument, 1);
    return 0;
}

static void *run(void *argument) {
    struct room room = *(struct room *)argument;
    free(argument);
    // A part of this thread's own, with nothing in use below it.
    char stack[PROCESS_STACK] __attribute__((aligned(16)));
    // CLONE_VFORK: this thread lies still meanwhile, as the process has the storage of this thread too (errno, the allocator's caches).
    // It must have called nothing yet that remembers the thread's number (Swift's Mutex does), so all of this is C. No signal
    // tells of the end: it is no child that the loop has to look after.
    pid_t pid = clone(begin, stack + PROCESS_STACK, CLONE_VM | CLONE_VFORK, &room);
    if (pid < 0) {
        room.function(room.argument, 0);
    } else {
        while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR) continue;
    }
    room.ended(room.argument);
    return NULL;
}

int supd_run_apart(void (*function)(void *, int), void (*ended)(void *), void *argument, int kept) {
    struct room *room = malloc(sizeof *room);
    if (room == NULL) return -ENOMEM;
    *room = (struct room){.function = function, .ended = ended, .argument = argument, .kept = kept, .parent = getpid()};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, THREAD_STACK);
    pthread_t thread;
    int error = pthread_create(&thread, &attributes, run, room);
    pthread_attr_destroy(&attributes);
    if (error != 0) free(room);
    return -error;
}

int supd_semaphore_wait(sem_t *semaphore, const struct timespec *deadline) {
    while (1) {
        int result = deadline == NULL ? sem_wait(semaphore) : sem_clockwait(semaphore, CLOCK_MONOTONIC, deadline);
        if (result == 0) return 0;
        if (errno != EINTR) return errno;
    }
}
