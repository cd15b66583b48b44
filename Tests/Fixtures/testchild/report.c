// What the child found itself to be: `key=value` lines.

#define _GNU_SOURCE
#include "testchild.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void report_identity(void) {
    uid_t real, effective, saved;
    getresuid(&real, &effective, &saved);
    printf("uid=%u,%u,%u\n", real, effective, saved);
    getresgid(&real, &effective, &saved);
    printf("gid=%u,%u,%u\n", real, effective, saved);
    gid_t groups[256];
    int count = getgroups(256, groups);
    printf("groups=");
    for (int index = 0; index < count; index++) printf("%s%u", index > 0 ? "," : "", groups[index]);
    printf("\n");
}

static void report_limits(void) {
    static const struct {
        const char *name;
        int resource;
    } limits[] = {{"core", RLIMIT_CORE}, {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}};
    for (size_t index = 0; index < sizeof limits / sizeof limits[0]; index++) {
        struct rlimit limit;
        getrlimit(limits[index].resource, &limit);
        printf("limit.%s=%llu:%llu\n", limits[index].name, (unsigned long long)limit.rlim_cur,
               (unsigned long long)limit.rlim_max);
    }
}

static void report_signals(void) {
    static const char *const keys[] = {"SigPnd", "SigBlk", "SigIgn", "SigCgt"};
    FILE *status = fopen("/proc/self/status", "re");
    if (status == NULL) return;
    char line[256];
    while (fgets(line, sizeof line, status) != NULL) {
        for (size_t index = 0; index < sizeof keys / sizeof keys[0]; index++) {
            size_t length = strlen(keys[index]);
            if (strncmp(line, keys[index], length) == 0) printf("%s=%s", keys[index], line + length + 2);
        }
    }
    fclose(status);
}

// That of version 2 (cgroups(7)).
static void report_control_group(void) {
    FILE *file = fopen("/proc/self/cgroup", "re");
    if (file == NULL) return;
    char line[PATH_MAX];
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "0::", 3) == 0) printf("control_group=%s", line + 3);
    }
    fclose(file);
}

static void report_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL) return;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        int descriptor = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || descriptor == dirfd(folder)) continue;
        char target[PATH_MAX];
        ssize_t length = readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = 0;
        printf("fd.%d=%s\n", descriptor, target);
    }
    closedir(folder);
}

static int report(int count, char **words) {
    char folder[PATH_MAX];
    char score[32] = "";
    FILE *file = fopen("/proc/self/oom_score_adj", "re");
    if (file != NULL) {
        if (fgets(score, sizeof score, file) == NULL) score[0] = 0;
        fclose(file);
        score[strcspn(score, "\n")] = 0;
    }
    mode_t mask = umask(0);
    umask(mask);
    errno = 0;
    printf("pid=%d\nppid=%d\nsession=%d\ngroup=%d\n", getpid(), getppid(), getsid(0), getpgrp());
    printf("foreground=%d\n", tcgetpgrp(0));
    report_control_group();
    printf("umask=%04o\n", mask);
    printf("cwd=%s\n", getcwd(folder, sizeof folder) == NULL ? "" : folder);
    printf("nice=%d\n", getpriority(PRIO_PROCESS, 0));
    printf("oom_score_adj=%s\n", score);
    printf("no_new_privs=%d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    report_identity();
    report_limits();
    report_signals();
    report_descriptors();
    for (int index = 0; index < count; index++) printf("argument.%d=%s\n", index, words[index]);
    for (char **variable = environ; *variable != NULL; variable++) printf("env.%s\n", *variable);
    fflush(stdout);
    return 0;
}

const struct verb report_verbs[] = {
    {"report", report, "print what it is: ids, session, limits, signals, descriptors, environment"},
    {NULL, NULL, NULL},
};
