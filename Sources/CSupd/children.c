#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "each_folder.h"
#include "supd_processes.h"

// The list of the first thread's children, to whom orphans come (find_new_reaper in the kernel's exit.c), and that of the loop's thread,
// which starts programs.
static int kept[] = {-1, -1};

void supd_children_keep(void) {
    int threads[] = {getpid(), (int)syscall(SYS_gettid)};
    for (int index = 0; index < 2; index++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/task/%d/children", threads[index]);
        if (kept[index] < 0) kept[index] = open(path, O_RDONLY | O_CLOEXEC);
    }
}

// Only a child, and one that is not reaped, so that its number is its own: 1 where it lives. Not by a pidfd: there may be no
// descriptor for one.
static int kill_child(int pid) {
    siginfo_t info = {.si_pid = 0};
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 || info.si_pid != 0) return 0;
    return kill(pid, SIGKILL) == 0;
}

static int kill_listed(int file) {
    char buffer[4096];
    int living = 0;
    int pid = 0;
    for (ssize_t size; (size = read(file, buffer, sizeof buffer)) > 0;) {
        for (ssize_t index = 0; index < size; index++) {
            if (buffer[index] >= '0' && buffer[index] <= '9') {
                pid = pid * 10 + (buffer[index] - '0');
            } else if (pid != 0) {
                living += kill_child(pid);
                pid = 0;
            }
        }
    }
    return living;
}

static void kill_children_of_thread(int threads, const char *name, void *living) {
    char path[64];
    if (snprintf(path, sizeof path, "%s/children", name) >= (int)sizeof path) return;
    int file = openat(threads, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    *(int *)living += kill_listed(file);
    close(file);
}

int supd_kill_children(void) {
    int living = 0;
    int threads = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (threads >= 0) {
        supd_each_folder(threads, kill_children_of_thread, &living);
        close(threads);
    } else {
        for (int index = 0; index < 2; index++) {
            if (kept[index] >= 0 && lseek(kept[index], 0, SEEK_SET) == 0) living += kill_listed(kept[index]);
        }
    }
    return living;
}
