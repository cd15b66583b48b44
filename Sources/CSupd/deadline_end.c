#define _GNU_SOURCE
#include "deadline_internal.h"

#include "each_folder.h"
#include "supd_processes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef PIDFD_SIGNAL_PROCESS_GROUP
#define PIDFD_SIGNAL_PROCESS_GROUP (1U << 2)
#endif

static const char report_name[] = "last-shutdown.json";
static const char new_report_name[] = "last-shutdown.json.new";

static int output = -1;
// A socket takes what it has room for by a flag; another only where its open file is non-blocking.
static int output_is_socket;
static int output_may_wait = 1;
// A file whose file system does not answer would hold up the end of the process (exit_group(2)).
static _Atomic int output_hangs;
// Opened while there are descriptors: the folder, and a file in it without a name; -1 where there is none.
static int folder = -1;
static int unnamed = -1;
// Given up at the end, for what has to be opened then.
static int spare = -1;

static _Atomic int groups = -1;
static char home[256];

// The process's number, and its pidfd; a slot is in use where the pidfd is not zero.
static _Atomic uint64_t processes[SUPD_DEADLINE_SLOTS];
static _Atomic uint32_t slots_end;

void deadline_end_prepare(int given_output) {
    output = given_output;
    struct stat status;
    if (fstat(output, &status) == 0) {
        output_is_socket = S_ISSOCK(status.st_mode);
        // O_NONBLOCK means nothing to a file of a file system, which may hang, nor to the lock of a pipe: whoever copies into or out of it from
        // such a file holds that.
        int waits = S_ISREG(status.st_mode) || S_ISBLK(status.st_mode) || S_ISFIFO(status.st_mode);
        output_may_wait = !output_is_socket && (waits || (fcntl(output, F_GETFL) & O_NONBLOCK) == 0);
    }
    spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    supd_children_keep();
}

void supd_deadline_output_hangs(int hangs) { atomic_store(&output_hangs, hangs); }

void supd_deadline_set_folder(const char *path) {
    if (spare < 0 || folder >= 0) return;
    folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    // Not every file system has files without names; there it is opened at the end, if that can be.
    if (folder >= 0) unnamed = openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0640);
}

void supd_deadline_set_groups(const char *base, const char *own) {
    if (spare < 0) return;
    int before = atomic_exchange(&groups, -1);
    if (before >= 0) close(before);
    if (base == NULL) return;
    snprintf(home, sizeof home, "%s", own);
    int descriptor = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) atomic_store(&groups, descriptor);
}

void supd_deadline_keep_process(uint32_t slot, int32_t pid, int32_t pidfd) {
    if (spare < 0 || slot >= SUPD_DEADLINE_SLOTS) return;
    atomic_store(&processes[slot], (uint64_t)(uint32_t)pid << 32 | (uint32_t)pidfd);
    if (slot >= atomic_load(&slots_end)) atomic_store(&slots_end, slot + 1);
}

void supd_deadline_forget_process(uint32_t slot) {
    if (spare >= 0 && slot < SUPD_DEADLINE_SLOTS) atomic_store(&processes[slot], 0);
}

int deadline_end_has_processes(void) {
    for (uint32_t slot = 0; slot < atomic_load(&slots_end); slot++) {
        if (atomic_load(&processes[slot]) != 0) return 1;
    }
    return 0;
}

// MARK: What cannot hang

// A pidfd that the loop closes meanwhile is no pidfd any more, or that of another process that is to be killed as well. The group
// has the leader's number for as long as that is not reaped, which its pidfd tells.
static void kill_group(int pid, int pidfd) {
    if (syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, PIDFD_SIGNAL_PROCESS_GROUP) == 0) return;
    // Before kernel 6.9 there was no such flag.
    if (supd_pidfd_signal(pidfd, SIGKILL) == 0 && pid > 0) kill(-pid, SIGKILL);
}

static void write_at_once(const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = output_is_socket ? send(output, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) : write(output, bytes, size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        bytes += count;
        size -= (size_t)count;
    }
}

void deadline_end_at_once(const char *note, const struct deadline_report *report) {
    for (uint32_t slot = 0; slot < atomic_load(&slots_end); slot++) {
        uint64_t process = atomic_load(&processes[slot]);
        if (process != 0) kill_group((int)(process >> 32), (int)(uint32_t)process);
    }
    if (!output_may_wait) {
        write_at_once(note, strlen(note));
        write_at_once(report->line, report->line_size);
    }
}

// MARK: What may hang

static void kill_control_group(int base, const char *name, void *unused) {
    (void)unused;
    // The base of another daemon may be in one that a service manager has delegated.
    if (strcmp(name, home) == 0 || strncmp(name, "supd-", 5) == 0) return;
    char path[NAME_MAX + 16];
    if (snprintf(path, sizeof path, "%s/cgroup.kill", name) >= (int)sizeof path) return;
    int file = openat(base, path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    (void)!write(file, "1", 1);
    close(file);
}

static int write_whole(int file, const char *bytes, size_t size) {
    while (size > 0) {
        ssize_t count = write(file, bytes, size);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return 0;
        bytes += count;
        size -= (size_t)count;
    }
    return 1;
}

static void write_report(const struct deadline_report *report) {
    if (folder < 0 || report->report_size == 0) return;
    unlinkat(folder, new_report_name, 0);
    int file = unnamed;
    if (file < 0) file = openat(folder, new_report_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (file < 0 || !write_whole(file, report->report, report->report_size)) return;
    if (file == unnamed) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        if (linkat(AT_FDCWD, path, folder, new_report_name, AT_SYMLINK_FOLLOW) < 0) return;
    }
    renameat(folder, new_report_name, folder, report_name);
}

void deadline_end_aside(const char *note, const struct deadline_report *report) {
    supd_raise_lowered_descriptor_limit();
    if (spare >= 0) close(spare);
    int base = atomic_load(&groups);
    if (base >= 0) supd_each_folder(base, kill_control_group, NULL);
    // What a killed child leaves comes to this process, and is found in the next round.
    for (int round = 0; round < 10 && supd_kill_children() > 0; round++) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    }
    write_report(report);
    if (output_may_wait && !atomic_load(&output_hangs) && write_whole(output, note, strlen(note))) {
        write_whole(output, report->line, report->line_size);
    }
}
