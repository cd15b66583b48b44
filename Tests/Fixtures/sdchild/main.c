// A service as one is written with libsystemd: it says all of itself that sd_notify(3) knows, and takes what sd_listen_fds(3) and
// sd_watchdog_enabled(3) tell it.
//
//     sdchild FILE      says there what it sees, a line each; SIGHUP reloads it, SIGUSR1 has it ask to be ended, SIGUSR2 is silence
//
// Goes on in a child of its own, which it makes the main process.

#define _GNU_SOURCE
#include <systemd/sd-daemon.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static const uint64_t barrier_limit = 20000000;
static FILE *told;

__attribute__((format(printf, 1, 2))) static void tell(const char *form, ...) {
    va_list values;
    va_start(values, form);
    vfprintf(told, form, values);
    va_end(values);
    fputc('\n', told);
    fflush(told);
}

// Every call of sd_notify(3) answers that it was sent.
static void sent(int result, const char *what) {
    if (result > 0) return;
    tell("%s was not sent: %s", what, strerror(-result));
    _exit(111);
}

static void say(const char *state) { sent(sd_notify(0, state), state); }

// What was handed over: the content of each by its name.
static int tell_descriptors(void) {
    char **names = NULL;
    int count = sd_listen_fds_with_names(0, &names);
    tell("descriptors %d", count);
    for (int index = 0; index < count; index++) {
        char content[64] = "";
        int descriptor = SD_LISTEN_FDS_START + index;
        if (pread(descriptor, content, sizeof content - 1, 0) < 0) _exit(111);
        tell("descriptor %s: %s", names[index], content);
        close(descriptor);
        free(names[index]);
    }
    free(names);
    return count;
}

static void store(const char *name) {
    int file = memfd_create(name, MFD_CLOEXEC);
    char state[100];
    dprintf(file, "%s's", name);
    snprintf(state, sizeof state, "FDSTORE=1\nFDPOLL=0\nFDNAME=%s", name);
    sent(sd_pid_notify_with_fds(0, 0, state, &file, 1), state);
    close(file);
}

// Says which process is the main one, and waits until that was taken, as sd_notify_barrier(3) does: after that, what this process says is
// none of the service's.
static void hand_over(pid_t successor) {
    int ends[2];
    char state[60];
    if (pipe2(ends, O_CLOEXEC) < 0) _exit(111);
    snprintf(state, sizeof state, "MAINPID=%d\nBARRIER=1", successor);
    sent(sd_pid_notify_with_fds(0, 0, state, &ends[1], 1), state);
    close(ends[1]);
    struct pollfd entry = {.fd = ends[0]};
    if (poll(&entry, 1, (int)(barrier_limit / 1000)) != 1) _exit(111);
}

static void reload(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t microseconds = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
    sent(sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu\nSTATUS=reloading", (unsigned long long)microseconds), "RELOADING=1");
    tell("reloads");
    say("READY=1\nSTATUS=reloaded");
}

static void serve(void) {
    sigset_t set;
    sigemptyset(&set);
    for (const int *number = (int[]){SIGHUP, SIGTERM, SIGUSR1, SIGUSR2, 0}; *number != 0; number++) sigaddset(&set, *number);
    uint64_t watchdog = 0;
    int is_watched = sd_watchdog_enabled(0, &watchdog);
    tell("watchdog %d %llu", is_watched, (unsigned long long)watchdog);
    int is_silent = 0;
    while (1) {
        struct timespec pause = {.tv_nsec = 100000000};
        int number = sigtimedwait(&set, NULL, &pause);
        if (number < 0 && !is_silent) say("WATCHDOG=1");
        if (number == SIGHUP) reload();
        if (number == SIGUSR1) say("WATCHDOG=trigger");
        if (number == SIGUSR2) {
            is_silent = 1;
            say("WATCHDOG_USEC=200000\nSTATUS=silent");
        }
        if (number == SIGTERM) break;
    }
    say("STOPPING=1\nSTATUS=going\nEXTEND_TIMEOUT_USEC=30000000");
    sent(sd_notifyf(0, "ERRNO=%d\nEXIT_STATUS=%d", EIO, 3), "ERRNO=");
    exit(3);
}

int main(int count, char **words) {
    told = count == 2 ? fopen(words[1], "ae") : NULL;
    if (told == NULL) return 64;
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGABRT);
    sigprocmask(SIG_BLOCK, &all, NULL);
    int kept = tell_descriptors();
    say("EXTEND_TIMEOUT_USEC=30000000\nSTATUS=warming up");
    if (kept == 0) {
        for (const char **name = (const char *[]){"one", "two", "three", NULL}; *name != NULL; name++) store(*name);
        say("FDSTOREREMOVE=1\nFDNAME=three");
    }
    tell("barrier %d", sd_notify_barrier(0, barrier_limit));
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) return 111;
    if (child > 0) {
        hand_over(child);
        return 0;
    }
    // From the end of the one that it succeeds on it is supd's child, and how it ends is known.
    sigset_t go;
    sigemptyset(&go);
    sigaddset(&go, SIGCONT);
    prctl(PR_SET_PDEATHSIG, SIGCONT);
    int number;
    if (getppid() == parent) sigwait(&go, &number);
    tell("main %d", getpid());
    say("READY=1\nSTATUS=2 workers");
    serve();
}
