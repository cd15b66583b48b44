#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "raw.h"
#include "spawn_internal.h"

#if !defined(__LP64__)
#error "supd runs on 64-bit machines: setgroups and its kin have other numbers elsewhere"
#endif

// This runs in the parent's memory on a stack of its own, while the parent waits in clone3: no C library, no
// locks, no allocation, and no instrumentation by a sanitizer, which would keep books about the parent's stack.
#define IN_CHILD __attribute__((disable_sanitizer_instrumentation)) static

// The kernel's own struct sigaction; all zero is SIG_DFL with no flags, whatever the order of its members.
struct kernel_sigaction {
    uint64_t words[4];
};

struct kernel_dirent {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

IN_CHILD int fail(struct spawn_child *child, enum supd_spawn_stage stage, long error, int detail) {
    child->failure->stage = stage;
    child->failure->detail = detail;
    child->failure->error = (int32_t)-error;
    if (child->report >= 0) RAW3(SYS_write, child->report, child->failure, sizeof *child->failure);
    return 127;
}

// Dispositions first, then the mask: a signal that has waited since the fork then does what it does to any new program.
// CLONE_CLEAR_SIGHAND leaves what is ignored ignored, and so does exec: SIGPIPE would stay so in every service.
IN_CHILD long reset_signals(void) {
    struct kernel_sigaction standard = {{0, 0, 0, 0}};
    for (int number = 1; number <= 64; number++) {
        if (number != SIGKILL && number != SIGSTOP) RAW4(SYS_rt_sigaction, number, &standard, 0, sizeof(uint64_t));
    }
    uint64_t none = 0;
    return RAW4(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none);
}

// Clean: a failed write of a number is told by the kernel, there are no short ones in procfs.
IN_CHILD long write_oom_score(int32_t value) {
    char text[12];
    int start = sizeof text;
    uint32_t rest = value < 0 ? (uint32_t)-value : (uint32_t)value;
    do {
        text[--start] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) text[--start] = '-';
    long file = RAW4(SYS_openat, AT_FDCWD, "/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC, 0);
    if (file < 0) return file;
    long written = RAW3(SYS_write, file, text + start, sizeof text - (size_t)start);
    RAW1(SYS_close, file);
    return written;
}

IN_CHILD void close_from_one_by_one(int first) {
    long folder = RAW4(SYS_openat, AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    // Without /proc, what the daemon opened closes at exec: all of it is close-on-exec.
    if (folder < 0) return;
    _Alignas(8) char buffer[2048];
    long bytes;
    while ((bytes = RAW3(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < bytes;) {
            const struct kernel_dirent *entry = (const struct kernel_dirent *)(buffer + at);
            at += entry->length;
            long number = 0;
            int digits = 1;
            for (const char *character = entry->name; *character != 0; character++) {
                if (*character < '0' || *character > '9') digits = 0;
                number = number * 10 + (*character - '0');
            }
            if (digits && number >= first && number != folder) RAW1(SYS_close, number);
        }
    }
    RAW1(SYS_close, folder);
}

// One past everything that the child still needs of the parent's table.
IN_CHILD int table_end(const struct supd_spawn_request *request) {
    int end = request->slots_end;
    for (size_t index = 0; index < request->socket_count; index++) {
        if (request->sockets[index] >= end) end = request->sockets[index] + 1;
    }
    int targets = 3 + (int)request->socket_count + 1;
    return end > targets ? end : targets;
}

// Takes a table of descriptors of the child's own, with the slots and nothing after them.
IN_CHILD long leave_descriptor_table(const struct spawn_child *child) {
    const struct supd_spawn_request *request = child->request;
    int end = table_end(request);
    if (child->report >= 0 && request->control_group >= end) end = request->control_group + 1;
    if (!(request->flags & SUPD_SPAWN_CLOSE_ONE_BY_ONE)) {
        long error = RAW3(SYS_close_range, end, ~0U, CLOSE_RANGE_UNSHARE);
        if (error != -ENOSYS && error != -EPERM) return error;
    }
    // Before the first close: until then the table is the parent's.
    long error = RAW1(SYS_unshare, CLONE_FILES);
    if (error < 0) return error;
    close_from_one_by_one(end);
    return 0;
}

// Puts the slots where they belong. Slots are never 0, 1 or 2, so no order can destroy one; what the child has of the
// parent's own stays where it is. The sockets, and the way to report, go out of the way of where sockets belong: their own
// places may be among those.
IN_CHILD long place_standard(struct spawn_child *child, int *sockets) {
    const struct supd_spawn_request *request = child->request;
    int aside = table_end(request);
    if (child->report >= 0) {
        long moved = RAW3(SYS_fcntl, child->report, F_DUPFD_CLOEXEC, aside);
        if (moved < 0) return moved;
        child->report = (int)moved;
    }
    for (size_t index = 0; index < request->socket_count; index++) {
        long moved = RAW3(SYS_fcntl, request->sockets[index], F_DUPFD_CLOEXEC, aside);
        if (moved < 0) return moved;
        sockets[index] = (int)moved;
    }
    const int slots[3] = {request->input_slot, request->output_slot, request->error_slot};
    for (int target = 0; target < 3; target++) {
        if (slots[target] == target) continue;
        long error = RAW3(SYS_dup3, slots[target], target, 0);
        if (error < 0) return error;
    }
    return 0;
}

// Puts the sockets where they belong and closes the rest.
IN_CHILD long place_sockets(struct spawn_child *child, const int *sockets) {
    const struct supd_spawn_request *request = child->request;
    int first = 3;
    for (size_t index = 0; index < request->socket_count; index++, first++) {
        long error = RAW3(SYS_dup3, sockets[index], first, 0);
        if (error < 0) return error;
    }
    if (child->report >= 0) {
        if (child->report != first) {
            long error = RAW3(SYS_dup3, child->report, first, O_CLOEXEC);
            if (error < 0) return error;
            child->report = first;
        }
        first++;
    }
    if (!(request->flags & SUPD_SPAWN_CLOSE_ONE_BY_ONE)) {
        long error = RAW3(SYS_close_range, first, ~0U, 0);
        if (error != -ENOSYS && error != -EPERM) return error;
    }
    close_from_one_by_one(first);
    return 0;
}

IN_CHILD void write_pid(char *text) {
    long pid = RAW0(SYS_getpid);
    int digits = 1;
    for (long rest = pid; rest >= 10; rest /= 10) digits++;
    text[digits] = 0;
    for (int place = digits - 1; place >= 0; place--, pid /= 10) text[place] = (char)('0' + pid % 10);
}

// The fork fallback's way into a control group.
IN_CHILD long enter_group(int group) {
    long file = RAW4(SYS_openat, group, "cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
    if (file < 0) return file;
    long written = RAW3(SYS_write, file, "0", 1);
    RAW1(SYS_close, file);
    return written;
}

// Makes the child lead a session, or a process group in the foreground of its terminal: a change from the background is
// refused with SIGTTOU, unless that is blocked (tcsetpgrp(3)).
IN_CHILD long lead(const struct supd_spawn_request *request) {
    if (!(request->flags & SUPD_SPAWN_STAYS_IN_SESSION)) return RAW0(SYS_setsid);
    long error = RAW2(SYS_setpgid, 0, 0);
    if (error < 0) return error;
    uint64_t blocked = (uint64_t)1 << (SIGTTOU - 1);
    uint64_t before = 0;
    RAW4(SYS_rt_sigprocmask, SIG_BLOCK, &blocked, &before, sizeof before);
    int32_t own = (int32_t)RAW0(SYS_getpid);
    // No terminal, or not this session's: then there is no foreground to be in.
    RAW3(SYS_ioctl, 0, TIOCSPGRP, &own);
    RAW4(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, sizeof before);
    return 0;
}

// Whether a process that has become another user can become root again: by a saved id or a capability that was kept.
IN_CHILD int may_become_root(void) { return RAW3(SYS_setresuid, -1, 0, -1) >= 0; }

// Which errors make execvp(3) try the next candidate.
IN_CHILD int goes_on_after(long error) { return error == -ENOENT || error == -ENOTDIR || error == -EACCES; }

IN_CHILD int run(struct spawn_child *child) {
    const struct supd_spawn_request *request = child->request;
    // "Permission denied" of one candidate says more than "not found" of the others.
    long error = -ENOENT;
    int detail = 0;
    for (int index = 0; request->candidates[index] != 0; index++) {
        long outcome = RAW3(SYS_execve, request->candidates[index], request->arguments, request->environment);
        if (!goes_on_after(outcome)) return fail(child, SUPD_STAGE_EXEC, outcome, index);
        if (outcome == -EACCES && error != -EACCES) {
            error = outcome;
            detail = index;
        }
    }
    return fail(child, SUPD_STAGE_EXEC, error, detail);
}

__attribute__((disable_sanitizer_instrumentation)) int supd_spawn_child(void *argument) {
    struct spawn_child *child = argument;
    const struct supd_spawn_request *request = child->request;
    long error;

    // Before anything that opens or closes: the table of descriptors is the parent's until then.
    error = leave_descriptor_table(child);
    if (error < 0) return fail(child, SUPD_STAGE_DESCRIPTORS, error, 0);
    // By clone3 it was born there.
    if (child->report >= 0 && request->control_group >= 0) {
        error = enter_group(request->control_group);
        if (error < 0) return fail(child, SUPD_STAGE_CONTROL_GROUP, error, 0);
    }
    error = reset_signals();
    if (error < 0) return fail(child, SUPD_STAGE_SIGNALS, error, 0);
    error = lead(request);
    if (error < 0) return fail(child, SUPD_STAGE_SESSION, error, 0);
    int sockets[SUPD_SPAWN_SOCKETS_MAX];
    error = place_standard(child, sockets);
    if (error < 0) return fail(child, SUPD_STAGE_DESCRIPTORS, error, 0);

    for (size_t index = 0; index < request->limit_count; index++) {
        const struct supd_limit *limit = &request->limits[index];
        uint64_t values[2] = {limit->soft, limit->hard};
        error = RAW4(SYS_prlimit64, 0, limit->resource, values, 0);
        if (error < 0) return fail(child, SUPD_STAGE_LIMITS, error, (int)index);
    }
    if (request->flags & SUPD_SPAWN_NICE) {
        error = RAW3(SYS_setpriority, PRIO_PROCESS, 0, request->nice);
        if (error < 0) return fail(child, SUPD_STAGE_NICE, error, 0);
    }
    if (request->flags & SUPD_SPAWN_OOM_SCORE) {
        error = write_oom_score(request->oom_score_adjust);
        if (error < 0 && !(request->flags & SUPD_SPAWN_OOM_SCORE_IF_ALLOWED)) {
            return fail(child, SUPD_STAGE_OOM_SCORE_ADJUST, error, 0);
        }
    }

    // Groups, then group, then user: each needs a privilege that the last one gives away.
    if (request->flags & SUPD_SPAWN_GROUPS) {
        error = RAW2(SYS_setgroups, request->group_count, request->groups);
        if (error < 0 && !(error == -EPERM && request->flags & SUPD_SPAWN_GROUPS_IF_ALLOWED)) {
            return fail(child, SUPD_STAGE_GROUPS, error, 0);
        }
    }
    if (request->flags & SUPD_SPAWN_GID) {
        error = RAW3(SYS_setresgid, request->gid, request->gid, request->gid);
        if (error < 0) return fail(child, SUPD_STAGE_GROUP, error, 0);
    }
    error = place_sockets(child, sockets);
    if (error < 0) return fail(child, SUPD_STAGE_DESCRIPTORS, error, 0);
    if (request->pid_text) write_pid(request->pid_text);
    if (request->flags & SUPD_SPAWN_UID) {
        error = RAW3(SYS_setresuid, request->uid, request->uid, request->uid);
        if (error < 0) return fail(child, SUPD_STAGE_USER, error, 0);
        if (request->uid != 0 && may_become_root()) return fail(child, SUPD_STAGE_USER, -EPERM, 1);
    }

    // As the user: what that one may not enter is no folder for it.
    RAW1(SYS_umask, request->umask);
    error = RAW1(SYS_chdir, request->working_directory);
    if (error < 0) return fail(child, SUPD_STAGE_WORKING_DIRECTORY, error, 0);
    if (request->flags & SUPD_SPAWN_NO_NEW_PRIVILEGES) {
        error = raw_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (error < 0) return fail(child, SUPD_STAGE_NO_NEW_PRIVILEGES, error, 0);
    }
    return run(child);
}
