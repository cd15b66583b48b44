// Children that have children.

#define _GNU_SOURCE
#include "testchild.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

// Through it children say that they are what they were forked to be.
static int set_up[2];

// This child is, and waits: what is said before could be of one that a signal still ends.
static void be_child(void) {
    say("child %d", getpid());
    if (write(set_up[1], "", 1) != 1) _exit(111);
    wait_for_ever();
}

// Returns once one more is.
static void await_child(void) {
    char byte;
    if (read(set_up[0], &byte, 1) != 1) _exit(111);
}

// Children deaf to SIGTERM; the parent itself is not.
static int deaf_children(long children, int own_sessions) {
    if (pipe(set_up) < 0) return 111;
    for (long index = 0; index < children; index++) {
        if (fork_child() == 0) {
            if (own_sessions) setsid();
            signal(SIGTERM, SIG_IGN);
            be_child();
        }
    }
    for (long index = 0; index < children; index++) await_child();
    say("ready %d", getpid());
    wait_for_ever();
}

static int tree(int count, char **words) { return deaf_children(number_at(count, words, 0, 5), 1); }

static int group(int count, char **words) { return deaf_children(number_at(count, words, 0, 5), 0); }

static void *thread(void *unused) {
    say("thread %d", (int)gettid());
    wait_for_ever();
    return unused;
}

// Threads, and a child that has as many.
static int threads(int count, char **words) {
    long number = number_at(count, words, 0, 3);
    int is_child = fork_child() == 0;
    for (long index = 0; index < number; index++) {
        pthread_t made;
        if (pthread_create(&made, NULL, thread, NULL) != 0) return 1;
    }
    if (is_child) say("child %d", getpid());
    wait_for_ever();
}

// daemon(3) by the book: fork, setsid, fork; what is left has no parent but the one that adopts it.
static void daemonize_once(void) {
    pid_t middle = fork_child();
    if (middle == 0) {
        setsid();
        if (fork_child() == 0) {
            signal(SIGTERM, SIG_IGN);
            be_child();
        }
        _exit(0);
    }
    waitpid(middle, NULL, 0);
    await_child();
}

static int daemonize(int count, char **words) {
    long daemons = number_at(count, words, 0, 1);
    if (pipe(set_up) < 0) return 111;
    for (long index = 0; index < daemons; index++) daemonize_once();
    return 0;
}

// A daemon whose environment says nothing of where it came from, as sudo(8) leaves it.
static int daemonize_unmarked(int count, char **words) {
    (void)count, (void)words;
    pid_t middle = fork_child();
    if (middle == 0) {
        setsid();
        if (fork_child() == 0) {
            char *none[] = {NULL};
            char *arguments[] = {"testchild", "ignore-term", NULL};
            execve("/proc/self/exe", arguments, none);
            _exit(111);
        }
        _exit(0);
    }
    waitpid(middle, NULL, 0);
    wait_for_ever();
}

// Orphans that all end at the moment this process does: each waits for the end of a pipe that only this one keeps open.
static int orphans(int count, char **words) {
    long number = number_at(count, words, 0, 200);
    int ends[2];
    if (pipe(ends) < 0) return 1;
    for (long index = 0; index < number; index++) {
        pid_t middle = fork_child();
        if (middle == 0) {
            if (fork_child() == 0) {
                close(ends[1]);
                char byte;
                _exit(read(ends[0], &byte, 1) == 0 ? 7 : 1);
            }
            _exit(0);
        }
        waitpid(middle, NULL, 0);
    }
    say("ready %d", getpid());
    wait_for_ever();
}

// Each has ended when, or before, nobody is its parent any more.
static int brief_orphans(int count, char **words) {
    long number = number_at(count, words, 0, 200);
    for (long index = 0; index < number; index++) {
        pid_t middle = fork_child();
        if (middle == 0) {
            fork_child();
            _exit(0);
        }
        waitpid(middle, NULL, 0);
    }
    say("ready %d", getpid());
    wait_for_ever();
}

// What /proc/PID/environ shows is this memory (proc(5)).
static void wipe_environment(void) {
    for (char **variable = environ; *variable != NULL; variable++) memset(*variable, 0, strlen(*variable));
}

// The levels below this one; the last of them says that it is there through the pipe.
static void grow_stubborn(long levels, int last_one) {
    if (levels <= 0) return;
    pid_t middle = fork_child();
    if (middle == 0) {
        setsid();
        if (fork_child() != 0) _exit(0);
        setsid();
        say("child %d", getpid());
        grow_stubborn(levels - 1, last_one);
        if (levels == 1) {
            wipe_environment();
            if (write(last_one, "", 1) < 0) _exit(111);
        }
        wait_for_ever();
    }
    waitpid(middle, NULL, 0);
}

static int stubborn_tree(int count, char **words) {
    long levels = number_at(count, words, 0, 3);
    int ends[2];
    if (levels < 1) return 64;
    if (pipe(ends) < 0) return 111;
    signal(SIGTERM, SIG_IGN);
    grow_stubborn(levels, ends[1]);
    char byte;
    if (read(ends[0], &byte, 1) != 1) return 111;
    say("ready %d", getpid());
    wait_for_ever();
}

// Says the name it was given when SIGTERM comes.
static void answer_term(const char *name, const sigset_t *set) {
    int number;
    say("%s %d", name, getpid());
    while (sigwait(set, &number) != 0) {}
    say("SIGTERM %d", getpid());
}

// One of each kind that a stop may or may not reach: a child, a child in a session of its own, and a daemon by the book.
static int company(int count, char **words) {
    int waits = count > 0 && strcmp(words[0], "wait") == 0;
    int dies = count > 0 && strcmp(words[0], "die") == 0;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int own_session = 0; own_session < 2; own_session++) {
        if (fork_child() == 0) {
            if (own_session) setsid();
            answer_term(own_session ? "session" : "child", &set);
            _exit(0);
        }
    }
    pid_t middle = fork_child();
    if (middle == 0) {
        setsid();
        if (fork_child() == 0) answer_term("daemon", &set);
        _exit(0);
    }
    waitpid(middle, NULL, 0);
    if (dies) {
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        say("main %d", getpid());
        wait_for_ever();
    }
    answer_term("main", &set);
    while (waits && wait(NULL) > 0) {}
    return 0;
}

static volatile sig_atomic_t got_term;

static void note_term(int number) {
    (void)number;
    got_term = 1;
}

// At SIGTERM it starts children as fast as it can, each in a session of its own, each starting two more, up to a bound.
static void multiply(int generations) {
    setsid();
    for (int index = 0; index < 2 && generations > 0; index++) {
        if (fork_child() == 0) {
            multiply(generations - 1);
            signal(SIGTERM, SIG_IGN);
            wait_for_ever();
        }
    }
}

static int multiply_on_term(int count, char **words) {
    long generations = number_at(count, words, 0, 6);
    signal(SIGTERM, note_term);
    say("ready %d", getpid());
    while (!got_term) pause();
    signal(SIGTERM, SIG_IGN);
    multiply((int)generations);
    wait_for_ever();
}

// At SIGTERM it starts one in a session of its own, for which a SIGTERM that comes stays pending, and waits.
static int help_on_term(int count, char **words) {
    (void)count, (void)words;
    signal(SIGTERM, note_term);
    say("ready %d", getpid());
    while (!got_term) pause();
    if (fork_child() == 0) {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigprocmask(SIG_BLOCK, &set, NULL);
        setsid();
    }
    wait_for_ever();
}

const struct verb tree_verbs[] = {
    {"tree", tree, "N: N children in own sessions that ignore SIGTERM; 'child PID' each, then 'ready PID'"},
    {"threads", threads, "N: N threads and a child with as many; 'thread TID' each, 'child PID', and wait"},
    {"group", group, "N: the same in its own process group"},
    {"daemonize", daemonize, "N: leave N double-forked daemons behind, 'child PID' each, and exit 0"},
    {"daemonize-unmarked", daemonize_unmarked, "leave one with an empty environment, and wait"},
    {"orphans", orphans, "N: N orphans that end with it; say 'ready PID' and wait"},
    {"brief-orphans", brief_orphans, "N: N orphans that end at once; say 'ready PID' and wait"},
    {"stubborn-tree", stubborn_tree,
     "N: N levels, each double-forked into a session of its own and as deaf to SIGTERM as this one; 'child PID' each, then "
     "'ready PID'; the last has wiped its environment"},
    {"company", company,
     "[wait|die]: a child, one in a session of its own, a daemon; 'child PID', 'session PID', 'daemon PID', 'main PID', and each "
     "'SIGTERM PID' when that comes, and exits; with wait the main process only after its children, with die without a word"},
    {"multiply-on-term", multiply_on_term, "N: at SIGTERM start 2^N processes, each in a session of its own"},
    {"help-on-term", help_on_term, "at SIGTERM start one in a session of its own, which takes no SIGTERM, and wait"},
    {NULL, NULL, NULL},
};
