// How a service begins and ends, well and badly.
#define _GNU_SOURCE
#include "verbs.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static sigset_t stop_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

static int wait_for(const sigset_t *set) {
    int signal = 0;
    sigprocmask(SIG_BLOCK, set, NULL);
    sigwait(set, &signal);
    return signal;
}

static int run_stay(int count, char **arguments) {
    if (count > 0) append_line(arguments[0], "%d", getpid());
    stay();
}

static int run_exit(int count, char **arguments) {
    return count > 0 ? atoi(arguments[0]) : 0;
}

static int run_die(int count, char **arguments) {
    raise(count > 0 ? atoi(arguments[0]) : SIGSEGV);
    stay();
}

// Says in FILE when it comes and when it is told to go, so that orders of several services are seen.
static int run_chronicle(int count, char **arguments) {
    if (count < 2) return fail("chronicle FILE NAME");
    sigset_t set = stop_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
    append_line(arguments[0], "%s up", arguments[1]);
    wait_for(&set);
    append_line(arguments[0], "%s down", arguments[1]);
    return 0;
}

// Fails until FILE has so many lines, one for each time it was run; then it stays.
static int run_fail_first(int count, char **arguments) {
    if (count < 2) return fail("fail-first FILE COUNT");
    append_line(arguments[0], "%d", getpid());
    FILE *file = fopen(arguments[0], "re");
    if (!file) return fail(arguments[0]);
    int lines = 0;
    for (int byte; (byte = getc(file)) != EOF;) lines += byte == '\n';
    fclose(file);
    if (lines <= atoi(arguments[1])) return 1;
    stay();
}

static int run_ignore_stop(int count, char **arguments) {
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    if (count > 0) append_line(arguments[0], "%d", getpid());
    stay();
}

// Ends well, so many milliseconds after it was told to.
static int run_stop_slowly(int count, char **arguments) {
    if (count < 1) return fail("stop-slowly MILLISECONDS [FILE]");
    sigset_t set = stop_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (count > 1) append_line(arguments[1], "%d", getpid());
    wait_for(&set);
    long milliseconds = atol(arguments[0]);
    struct timespec left = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) < 0) {}
    return 0;
}

static void end_well(int signal) {
    (void)signal;
    _exit(0);
}

// Would end well at a signal, but is stopped: it needs a SIGCONT to notice.
static int run_freeze(int count, char **arguments) {
    signal(SIGTERM, end_well);
    if (count > 0) append_line(arguments[0], "%d", getpid());
    raise(SIGSTOP);
    stay();
}

static int run_close_output(int count, char **arguments) {
    close(1);
    close(2);
    if (count > 0) append_line(arguments[0], "%d", getpid());
    stay();
}

// One write of so many bytes without a newline, then a line.
static int run_long_line(int count, char **arguments) {
    if (count < 1) return fail("long-line BYTES");
    static char block[4096];
    memset(block, 'x', sizeof block);
    for (long left = atol(arguments[0]); left > 0;) {
        ssize_t written = write(1, block, left < (long)sizeof block ? left : (long)sizeof block);
        if (written < 0) return fail("write");
        left -= written;
    }
    dprintf(1, "\nafter\n");
    stay();
}

// Leaves everything that a program can hand down in an unusual state, and becomes another program.
static int run_soil(int count, char **arguments) {
    if (count < 1) return fail("soil COMMAND…");
    for (int fd = 5; fd < 12; fd++) {
        int opened = open("/dev/null", O_RDWR);
        if (opened != fd) {
            dup2(opened, fd);
            close(opened);
        }
    }
    const int ignored[] = {SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigaddset(&blocked, SIGWINCH);
    sigaddset(&blocked, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    umask(0777);
    struct rlimit limit = {.rlim_cur = 333, .rlim_max = 4444};
    setrlimit(RLIMIT_NOFILE, &limit);
    execv(arguments[0], arguments);
    return fail(arguments[0]);
}

const verb life_verbs[] = {
    {"stay", "[FILE]", run_stay},
    {"exit", "CODE", run_exit},
    {"die", "SIGNAL", run_die},
    {"chronicle", "FILE NAME", run_chronicle},
    {"fail-first", "FILE COUNT", run_fail_first},
    {"ignore-stop", "[FILE]", run_ignore_stop},
    {"stop-slowly", "MILLISECONDS [FILE]", run_stop_slowly},
    {"freeze", "[FILE]", run_freeze},
    {"close-output", "[FILE]", run_close_output},
    {"long-line", "BYTES", run_long_line},
    {"soil", "COMMAND…", run_soil},
    {NULL, NULL, NULL},
};
