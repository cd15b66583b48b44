#define _GNU_SOURCE
#include "CHostTests.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <unistd.h>

static int result(int value) { return value < 0 ? -errno : value; }

int host_tests_open_terminal(int *terminal) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return -errno;
    if (grantpt(master) < 0 || unlockpt(master) < 0) {
        int error = errno;
        close(master);
        return -error;
    }
    *terminal = open(ptsname(master), O_RDWR | O_CLOEXEC);
    return *terminal < 0 ? -errno : master;
}

int host_tests_keep_capabilities(void) { return result(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)); }

int host_tests_stay_on_processor(void) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    return result(sched_setaffinity(0, sizeof set, &set));
}

int host_tests_put_first(int pid) {
    struct sched_param rank = {.sched_priority = 1};
    return result(sched_setscheduler(pid, SCHED_FIFO, &rank));
}

int host_tests_watch_reading(const char *path) {
    int watch = inotify_init1(IN_CLOEXEC);
    if (watch < 0) return -errno;
    if (inotify_add_watch(watch, path, IN_ACCESS) < 0) {
        int error = errno;
        close(watch);
        return -error;
    }
    return watch;
}
