// What a process was handed: written to a file as `name value` lines, for a test to compare.
#define _GNU_SOURCE
#include "verbs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void describe_descriptors(FILE *to) {
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) exit(fail("/proc/self/fd"));
    for (struct dirent *entry; (entry = readdir(folder));) {
        int number = atoi(entry->d_name);
        // The file that is written and the folder that is read are this program's own.
        if (entry->d_name[0] == '.' || number == dirfd(folder) || number == fileno(to)) continue;
        char target[256] = "";
        if (readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1) < 0) exit(fail("readlink"));
        fprintf(to, "fd.%d %s\n", number, target);
    }
    closedir(folder);
}

static void describe_status(FILE *to) {
    static const char *const wanted[] = {"SigBlk", "SigIgn", "SigCgt", "NoNewPrivs", "Groups"};
    char line[1024];
    FILE *status = fopen("/proc/self/status", "re");
    if (!status) exit(fail("/proc/self/status"));
    while (fgets(line, sizeof line, status)) {
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
            size_t length = strlen(wanted[i]);
            if (strncmp(line, wanted[i], length) != 0 || line[length] != ':') continue;
            char *value = line + length + 1;
            value += strspn(value, " \t");
            value[strcspn(value, "\n")] = 0;
            for (size_t end = strlen(value); end > 0 && value[end - 1] == ' '; end--) value[end - 1] = 0;
            fprintf(to, "%s %s\n", wanted[i], value);
        }
    }
    fclose(status);
}

static void describe(FILE *to, int count, char **arguments) {
    char folder[4096];
    struct rlimit files;
    mode_t mask = umask(0);
    umask(mask);
    getrlimit(RLIMIT_NOFILE, &files);
    fprintf(to, "pid %d\nparent %d\ngroup %d\nsession %d\n", getpid(), getppid(), getpgrp(), getsid(0));
    fprintf(to, "uid %d\ngid %d\numask %04o\nnice %d\n", getuid(), getgid(), mask, getpriority(PRIO_PROCESS, 0));
    fprintf(to, "nofile %lu:%lu\n", (unsigned long)files.rlim_cur, (unsigned long)files.rlim_max);
    fprintf(to, "folder %s\n", getcwd(folder, sizeof folder));
    for (int i = 0; i < count; i++) fprintf(to, "argument.%d %s\n", i, arguments[i]);
    for (char **variable = environ; *variable; variable++) fprintf(to, "variable.%s\n", *variable);
    describe_descriptors(to);
    describe_status(to);
}

static int run_describe(int count, char **arguments) {
    char part[512];
    if (count < 1) return fail("describe FILE [ARGUMENT…]");
    snprintf(part, sizeof part, "%s.part", arguments[0]);
    FILE *to = fopen(part, "we");
    if (!to) return fail(part);
    describe(to, count - 1, arguments + 1);
    // By rename, so that who waits for the file never reads half of it.
    if (fclose(to) != 0 || rename(part, arguments[0]) != 0) return fail(arguments[0]);
    stay();
}

const verb describe_verbs[] = {
    {"describe", "FILE [ARGUMENT…]", run_describe},
    {NULL, NULL, NULL},
};
