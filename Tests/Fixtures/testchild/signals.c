// What a child does with signals.

#define _GNU_SOURCE
#include "testchild.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static int catch_all(int count, char **words) {
    if (count < 1) return 64;
    long last = number_at(count, words, 0, SIGTERM);
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    say("ready %d", getpid());
    for (;;) {
        siginfo_t signal;
        if (sigwaitinfo(&set, &signal) < 0) continue;
        // The end of this child's lifetime; one that somebody sends is another.
        if (signal.si_signo == SIGALRM && signal.si_code == SI_KERNEL) return 111;
        say("signal %d", signal.si_signo);
        if (signal.si_signo == last) return 0;
    }
}

static int exit_by_signal(int count, char **words) {
    if (count < 1) return 64;
    int number = (int)number_at(count, words, 0, SIGTERM);
    // No core file, whatever core_pattern says: RLIMIT_CORE is not asked where that is a pipe (core(5)).
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
    return 0;
}

const struct verb signal_verbs[] = {
    {"catch-all", catch_all, "NUMBER: say 'ready PID', then 'signal N' for each that comes; exit 0 at that one"},
    {"exit-by-signal", exit_by_signal, "NUMBER: end by that signal, without a core file; 0 where it does not end it"},
    {NULL, NULL, NULL},
};
