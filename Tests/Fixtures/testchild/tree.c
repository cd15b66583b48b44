// Services that leave processes behind in every way there is.
#define _GNU_SOURCE
#include "verbs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void resist(void) {
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

// A child that stays, in the group and session of its parent.
static void leave_child(const char *file) {
    if (fork() == 0) {
        resist();
        append_line(file, "child %d", getpid());
        stay();
    }
}

// A grandchild whose parent is gone, in a session of its own, with an environment of its own where `bare`.
static void leave_daemon(const char *file, int bare) {
    pid_t middle = fork();
    if (middle != 0) {
        waitpid(middle, NULL, 0);
        return;
    }
    setsid();
    if (fork() != 0) _exit(0);
    resist();
    if (bare) {
        char *arguments[] = {"testchild", "ignore-stop", (char *)file, NULL};
        char *environment[] = {NULL};
        execve("/proc/self/exe", arguments, environment);
        _exit(fail("execve"));
    }
    append_line(file, "daemon %d", getpid());
    stay();
}

// Itself obedient, it has five processes that are not; it says in FILE who they are.
static int run_tree(int count, char **arguments) {
    if (count < 1) return fail("tree FILE");
    leave_child(arguments[0]);
    leave_child(arguments[0]);
    leave_daemon(arguments[0], 0);
    leave_daemon(arguments[0], 0);
    leave_daemon(arguments[0], 1);
    stay();
}

// Ends while something that it started holds its output open.
static int run_hold_output(int count, char **arguments) {
    if (count < 2) return fail("hold-output FILE CODE");
    dprintf(1, "before\n");
    leave_child(arguments[0]);
    return atoi(arguments[1]);
}

// So many orphans that end at once, for whoever adopts them; then one line in FILE.
static int run_orphans(int count, char **arguments) {
    if (count < 2) return fail("orphans COUNT FILE");
    for (int left = atoi(arguments[0]); left > 0; left--) {
        pid_t middle = fork();
        if (middle == 0) {
            if (fork() == 0) _exit(7);
            _exit(0);
        }
        waitpid(middle, NULL, 0);
    }
    append_line(arguments[1], "%d", getpid());
    stay();
}

const verb tree_verbs[] = {
    {"tree", "FILE", run_tree},
    {"hold-output", "FILE CODE", run_hold_output},
    {"orphans", "COUNT FILE", run_orphans},
    {NULL, NULL, NULL},
};
