// What a process makes of what is shown of it: its environment, its arguments, its end.

#define _GNU_SOURCE
#include "testchild.h"

#include <fcntl.h>
#include <linux/prctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <unistd.h>

enum { FIELDS = 52 };

// Fields 3 to 51 of /proc/self/stat (proc(5)), by their numbers.
static int read_fields(unsigned long *fields) {
    char line[4096];
    FILE *file = fopen("/proc/self/stat", "re");
    if (file == NULL || fgets(line, sizeof line, file) == NULL) return -1;
    fclose(file);
    int number = 3;
    char *rest = NULL;
    for (char *word = strtok_r(strrchr(line, ')') + 1, " ", &rest); word != NULL && number < FIELDS;
         word = strtok_r(NULL, " ", &rest)) {
        fields[number++] = strtoul(word, NULL, 10);
    }
    return number == FIELDS ? 0 : -1;
}

// Has the environment seem to be those bytes, and the arguments too where they are to go (prctl(2), PR_SET_MM_MAP): everybody may.
static int show(void *environment, size_t length, int hides_arguments) {
    unsigned long fields[FIELDS];
    if (read_fields(fields) < 0) return -1;
    struct prctl_mm_map map = {
        .start_code = fields[26],
        .end_code = fields[27],
        .start_stack = fields[28],
        .start_data = fields[45],
        .end_data = fields[46],
        .start_brk = fields[47],
        .brk = (unsigned long)sbrk(0),
        .arg_start = fields[48],
        .arg_end = hides_arguments ? fields[48] : fields[49],
        .env_start = (unsigned long)environment,
        .env_end = (unsigned long)environment + length,
        .exe_fd = (__u32)-1,
    };
    return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0);
}

// Becomes an orphan in a session of its own; the parent goes on, and waits for ever.
static void leave(void) {
    if (fork_child() != 0) wait_for_ever();
    setsid();
    if (fork_child() != 0) _exit(0);
}

static int endless_environment(int count, char **words) {
    size_t length = (size_t)number_at(count, words, 0, 4096) << 30;
    leave();
    void *zeros = mmap(NULL, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (zeros == MAP_FAILED || show(zeros, length, 0) < 0) {
        perror("endless-environment");
        return 1;
    }
    say("hidden %d", getpid());
    wait_for_ever();
}

// For a time it is as whoever is in the middle of execve(2).
static int show_nothing(int count, char **words) {
    long milliseconds = number_at(count, words, 0, 0);
    leave();
    if (show(&environ, 0, 1) < 0) {
        perror("show-nothing");
        return 1;
    }
    say("hidden %d", getpid());
    if (milliseconds == 0) wait_for_ever();
    usleep((useconds_t)milliseconds * 1000);
    execl("/proc/self/exe", "testchild", "wait", (char *)0);
    perror("show-nothing");
    return 1;
}

// A process that ends and is a zombie of its tracer, which is stopped: its pidfd is readable, and its parent cannot collect it.
static int held_zombie(int count, char **words) {
    long code = number_at(count, words, 0, 3);
    int ready[2];
    if (pipe(ready) < 0) return 1;
    // Of a process that is traced a signal is told to the tracer first, and this one's tells nothing: SIGCHLD would stop it for good.
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    pid_t main_process = getpid();
    // PR_SET_PTRACER, where only descendants may be traced.
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    pid_t tracer = fork_child();
    if (tracer == 0) {
        if (ptrace(PTRACE_SEIZE, main_process, NULL, NULL) < 0) {
            perror("ptrace");
            _exit(1);
        }
        if (write(ready[1], "x", 1) != 1) _exit(1);
        raise(SIGSTOP);
        _exit(0);
    }
    char byte;
    if (read(ready[0], &byte, 1) != 1) return 1;
    // Until it is stopped: a tracer that runs would collect what it traces.
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", tracer);
    while (state != 'T') {
        FILE *file = fopen(path, "re");
        if (file == NULL || fscanf(file, "%*d (%*[^)]) %c", &state) != 1) return 1;
        fclose(file);
        usleep(1000);
    }
    say("tracer %d", tracer);
    _exit((int)code);
}

static int move_to(int count, char **words) {
    if (count < 1) return 64;
    char path[4096];
    snprintf(path, sizeof path, "%s/cgroup.procs", words[0]);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, "0", 1) != 1) {
        perror(path);
        return 1;
    }
    close(file);
    int ignores = count > 1 && strcmp(words[1], "ignore") == 0;
    if (ignores) signal(SIGTERM, SIG_IGN);
    if (fork_child() == 0) {
        setsid();
        say("child %d", getpid());
        wait_for_ever();
    }
    say("ready %d", getpid());
    wait_for_ever();
}

const struct verb memory_verbs[] = {
    {"endless-environment", endless_environment, "[GIB]: leaves an orphan whose environment seems to be so long"},
    {"show-nothing", show_nothing, "[MILLISECONDS]: leaves an orphan that shows neither arguments nor environment; for so long"},
    {"held-zombie", held_zombie, "[CODE]: ends, and is held by a tracer that is stopped"},
    {"move-to", move_to, "FOLDER [ignore]: moves into a control group, with a child in a session of its own"},
    {NULL, NULL, NULL},
};
