// How a child ends, or does not.

#define _GNU_SOURCE
#include "testchild.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int exit_with(int count, char **words) { return (int)number_at(count, words, 0, 0); }

static int kill_self(int count, char **words) {
    kill(getpid(), (int)number_at(count, words, 0, SIGTERM));
    wait_for_ever();
}

// A core file goes wherever core_pattern says; whether one was written is told by the kernel in any case.
static int dump_core(int count, char **words) {
    (void)count, (void)words;
    struct rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_CORE, &limit);
    if (count > 0 && chdir(words[0]) < 0) return 1;
    abort();
}

static int wait_verb(int count, char **words) {
    (void)count, (void)words;
    say("ready %d", getpid());
    wait_for_ever();
}

static int ignore_term(int count, char **words) {
    (void)count, (void)words;
    signal(SIGTERM, SIG_IGN);
    say("ready %d", getpid());
    wait_for_ever();
}

static void say_term_and_exit(int number) {
    (void)number;
    static const char text[] = "term\n";
    _exit(write(1, text, sizeof text - 1) < 0 ? 1 : 0);
}

static int stop_self(int count, char **words) {
    (void)count, (void)words;
    signal(SIGTERM, say_term_and_exit);
    say("ready %d", getpid());
    raise(SIGSTOP);
    wait_for_ever();
}

const struct verb ending_verbs[] = {
    {"exit", exit_with, "CODE: exit at once"},
    {"kill-self", kill_self, "NUMBER: send itself that signal"},
    {"dump-core", dump_core, "[FOLDER]: abort, with a core file allowed"},
    {"wait", wait_verb, "say 'ready PID' and wait for ever"},
    {"ignore-term", ignore_term, "the same, with SIGTERM ignored"},
    {"stop-self", stop_self, "say 'ready PID', stop; SIGTERM makes it say 'term' and exit 0"},
    {NULL, NULL, NULL},
};
