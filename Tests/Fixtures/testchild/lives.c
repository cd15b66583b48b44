// Whole lives of services, told in a file where their output is somebody else's.

#define _GNU_SOURCE
#include "testchild.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Standard output becomes a file, to which several processes can append whole lines.
static int open_output(const char *path) {
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0 || dup2(file, 1) < 0) {
        perror(path);
        return -1;
    }
    close(file);
    return 0;
}

// Becomes itself again, now with its output in a file.
static int into(int count, char **words) {
    if (count < 2 || open_output(words[0]) < 0) return 111;
    words[0] = "testchild";
    execv("/proc/self/exe", words);
    perror("execv");
    return 111;
}

static sigset_t block_stop_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return set;
}

static void wait_for_stop(const sigset_t *set) {
    int number;
    while (sigwait(set, &number) != 0) {}
}

static int chronicle(int count, char **words) {
    if (count < 2 || open_output(words[0]) < 0) return 111;
    sigset_t set = block_stop_signals();
    say("%s up", words[1]);
    wait_for_stop(&set);
    say("%s down", words[1]);
    return 0;
}

static int stop_slowly(int count, char **words) {
    sigset_t set = block_stop_signals();
    say("ready %d", getpid());
    wait_for_stop(&set);
    long milliseconds = number_at(count, words, 0, 1000);
    struct timespec left = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) < 0) {}
    return 0;
}

// The file has a line for each time it was run.
static int fail_first(int count, char **words) {
    if (count < 2 || open_output(words[0]) < 0) return 111;
    say("run %d", getpid());
    FILE *file = fopen(words[0], "re");
    if (file == NULL) return 111;
    long lines = 0;
    for (int byte; (byte = getc(file)) != EOF;) lines += byte == '\n';
    fclose(file);
    if (lines <= number_at(count, words, 1, 1)) return 1;
    wait_for_ever();
}

static void resist(void) {
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    say("child %d", getpid());
    wait_for_ever();
}

// In its own session and without a parent.
static void leave_daemon(void) {
    pid_t middle = fork_child();
    if (middle == 0) {
        setsid();
        if (fork_child() != 0) _exit(0);
        resist();
    }
    waitpid(middle, NULL, 0);
}

static int family(int count, char **words) {
    (void)count, (void)words;
    for (int index = 0; index < 2; index++)
        if (fork_child() == 0) resist();
    if (fork_child() == 0) {
        setsid();
        resist();
    }
    for (int index = 0; index < 2; index++) leave_daemon();
    wait_for_ever();
}

static int long_line(int count, char **words) {
    static char block[4096];
    memset(block, 'x', sizeof block);
    for (long left = number_at(count, words, 0, 1000000); left > 0;) {
        ssize_t written = write(1, block, (size_t)(left < (long)sizeof block ? left : (long)sizeof block));
        if (written < 0) return 1;
        left -= written;
    }
    say("\nafter");
    wait_for_ever();
}

static int soil(int count, char **words) {
    if (count < 1) return 64;
    for (int number = 5; number < 12; number++) {
        int opened = open("/dev/null", O_RDWR);
        if (opened == number) continue;
        dup2(opened, number);
        close(opened);
    }
    const int ignored[] = {SIGPIPE, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU};
    for (size_t index = 0; index < sizeof ignored / sizeof ignored[0]; index++) signal(ignored[index], SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigaddset(&blocked, SIGWINCH);
    sigaddset(&blocked, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    umask(0077);
    struct rlimit limit = {.rlim_cur = 333, .rlim_max = 4444};
    setrlimit(RLIMIT_NOFILE, &limit);
    alarm(0);
    execv(words[0], words);
    perror(words[0]);
    return 111;
}

const struct verb life_verbs[] = {
    {"into", into, "FILE VERB [WORD...]: the verb, with its output appended to a file"},
    {"chronicle", chronicle, "FILE NAME: append 'NAME up' at once, 'NAME down' at SIGTERM or SIGINT, and exit 0"},
    {"stop-slowly", stop_slowly, "MILLISECONDS: exit 0 that long after SIGTERM or SIGINT"},
    {"fail-first", fail_first, "FILE N: append a line; exit 1 as long as there are at most N, then wait"},
    {"family", family, "five processes below it of every kind, deaf to stop signals; 'child PID' each, and wait"},
    {"long-line", long_line, "BYTES: a line of that many, then the line 'after', and wait"},
    {"soil", soil, "COMMAND...: run it with descriptors, masks, limits and ignored signals it should not have"},
    {NULL, NULL, NULL},
};
