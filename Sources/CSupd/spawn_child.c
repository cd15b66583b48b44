#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
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

// The kernel's own struct sigaction; all zero is SIG_DFL with no flags, whatever the order of its members.
struct kernel_sigaction {
    uint64_t words[4];
};

IN_CHILD int fail(struct supd_spawn *spawn, enum supd_spawn_stage stage, long error, int detail) {
    struct spawn_failure failure = {(int32_t)-error, (int32_t)stage, detail};
    spawn->stage = failure.stage;
    spawn->detail = failure.detail;
    spawn->error = failure.error;
    if (spawn->child_report >= 0) RAW3(SYS_write, spawn->child_report, &failure, sizeof failure);
    return 127;
}

// For whoever asks meanwhile.
IN_CHILD void note_step(struct supd_spawn *spawn, enum supd_spawn_stage step, int detail) {
    __atomic_store_n(&spawn->step_detail, detail, __ATOMIC_RELEASE);
    __atomic_store_n(&spawn->step, (int32_t)step, __ATOMIC_RELEASE);
}

// Dispositions first, then the mask: a signal that has waited since the fork then does what it does to any new program.
// CLONE_CLEAR_SIGHAND leaves what is ignored ignored, and so does exec: SIGPIPE would stay so in every service. All else has its
// default by then, and a call for each of the others takes a thirtieth of a start.
IN_CHILD long reset_signals(const struct supd_spawn *spawn) {
    const struct supd_spawn_request *request = spawn->request;
    int is_forked = spawn->child_report >= 0;
    uint64_t changed = is_forked ? ~(uint64_t)0 : request->parents_ignored_signals | request->ignored_signals;
    struct kernel_sigaction standard = {{0, 0, 0, 0}};
    // The kernel's struct sigaction begins with the handler on every machine that Swift runs on.
    struct kernel_sigaction ignored = {{(uint64_t)(uintptr_t)SIG_IGN, 0, 0, 0}};
    for (int number = 1; number <= 64; number++) {
        if (number == SIGKILL || number == SIGSTOP || !(changed >> (number - 1) & 1)) continue;
        int is_ignored = request->ignored_signals >> (number - 1) & 1;
        RAW4(SYS_rt_sigaction, number, is_ignored ? &ignored : &standard, 0, sizeof(uint64_t));
    }
    uint64_t blocked = request->blocked_signals;
    return RAW4(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, 0, sizeof blocked);
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

// "0" is whoever writes it (cgroups(7)).
IN_CHILD long enter_group(int folder) {
    long file = RAW4(SYS_openat, folder, "cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
    if (file < 0) return file;
    long written = RAW3(SYS_write, file, "0", 1);
    RAW1(SYS_close, file);
    return written;
}

// Puts the new process group into the foreground of its terminal, where the parent's is there. Whoever does that from the
// background is stopped, unless it blocks SIGTTOU (tcsetpgrp(3)).
IN_CHILD long take_terminal(int32_t parents_group) {
    int32_t foreground = 0;
    // No terminal, or not this session's; or the parent runs in the background itself.
    if (RAW3(SYS_ioctl, 0, TIOCGPGRP, &foreground) < 0 || foreground != parents_group) return 0;
    uint64_t blocked = (uint64_t)1 << (SIGTTOU - 1);
    uint64_t before = 0;
    RAW4(SYS_rt_sigprocmask, SIG_BLOCK, &blocked, &before, sizeof before);
    int32_t group = (int32_t)RAW0(SYS_getpid);
    long error = RAW3(SYS_ioctl, 0, TIOCSPGRP, &group);
    RAW4(SYS_rt_sigprocmask, SIG_SETMASK, &before, 0, sizeof before);
    return error == -ENOTTY || error == -ENXIO ? 0 : error;
}

// The number of the one that sd_listen_fds(3) and sd_watchdog_enabled(3) are to believe, which the parent cannot know before.
IN_CHILD void write_own_number(char *text) {
    char digits[10];
    int count = 0;
    for (uint32_t rest = (uint32_t)RAW0(SYS_getpid); rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
    while (count > 0) *text++ = digits[--count];
    *text = 0;
}

// Which errors make execvp(3) try the next candidate.
IN_CHILD int goes_on_after(long error) { return error == -ENOENT || error == -ENOTDIR || error == -EACCES; }

IN_CHILD int run(struct supd_spawn *spawn) {
    const struct supd_spawn_request *request = spawn->request;
    // "Permission denied" of one candidate says more than "not found" of the others.
    long error = -ENOENT;
    int detail = 0;
    for (int index = 0; request->candidates[index] != 0; index++) {
        note_step(spawn, SUPD_STAGE_EXEC, index);
        long outcome = RAW3(SYS_execve, request->candidates[index], request->arguments, request->environment);
        if (!goes_on_after(outcome)) return fail(spawn, SUPD_STAGE_EXEC, outcome, index);
        if (outcome == -EACCES && error != -EACCES) {
            error = outcome;
            detail = index;
        }
    }
    return fail(spawn, SUPD_STAGE_EXEC, error, detail);
}

__attribute__((disable_sanitizer_instrumentation)) int supd_spawn_child(void *argument) {
    struct supd_spawn *spawn = argument;
    const struct supd_spawn_request *request = spawn->request;
    long error;

    __atomic_store_n(&spawn->has_run, 1, __ATOMIC_RELEASE);
    // While the parent's descriptors are open here, its lock among them: whoever has that lock next finds the child by this name.
    if (request->name[0] != 0) RAW2(SYS_prctl, PR_SET_NAME, request->name);
    // By fork the table is a copy already, and nothing that the group needs is given away yet.
    if (spawn->enters_group) {
        error = enter_group(request->control_group);
        if (error < 0) return fail(spawn, SUPD_STAGE_CONTROL_GROUP, error, 0);
    }
    // Before anything that opens or closes: the table of descriptors is the parent's until then.
    error = supd_spawn_leave_descriptor_table(request);
    if (error == 0) error = supd_spawn_clear_places(spawn);
    if (error < 0) return fail(spawn, SUPD_STAGE_DESCRIPTORS, error, 0);
    error = reset_signals(spawn);
    if (error < 0) return fail(spawn, SUPD_STAGE_SIGNALS, error, 0);
    int stays = request->flags & SUPD_SPAWN_IN_SESSION;
    int shares = request->flags & SUPD_SPAWN_IN_PROCESS_GROUP;
    int32_t parents_group = (int32_t)RAW1(SYS_getpgid, 0);
    error = shares ? 0 : stays ? RAW2(SYS_setpgid, 0, 0) : RAW0(SYS_setsid);
    if (error < 0) return fail(spawn, SUPD_STAGE_SESSION, error, 0);
    error = supd_spawn_place_standard(request);
    if (error < 0) return fail(spawn, SUPD_STAGE_DESCRIPTORS, error, 0);
    if (stays && !shares) {
        error = take_terminal(parents_group);
        if (error < 0) return fail(spawn, SUPD_STAGE_SESSION, error, 0);
    }

    for (size_t index = 0; index < request->limit_count; index++) {
        const struct supd_limit *limit = &request->limits[index];
        uint64_t values[2] = {limit->soft, limit->hard};
        error = RAW4(SYS_prlimit64, 0, limit->resource, values, 0);
        if (error < 0) return fail(spawn, SUPD_STAGE_LIMITS, error, (int)index);
    }
    if (request->flags & SUPD_SPAWN_NICE) {
        error = RAW3(SYS_setpriority, PRIO_PROCESS, 0, request->nice);
        if (error < 0) return fail(spawn, SUPD_STAGE_NICE, error, 0);
    }
    if (request->flags & SUPD_SPAWN_OOM_SCORE) {
        error = write_oom_score(request->oom_score_adjust);
        if (error < 0 && !(request->flags & SUPD_SPAWN_OOM_SCORE_IF_ALLOWED)) {
            return fail(spawn, SUPD_STAGE_OOM_SCORE_ADJUST, error, 0);
        }
    }

    // Groups, then group, then user: each needs a privilege that the last one gives away.
    if (request->flags & SUPD_SPAWN_GROUPS) {
        error = RAW2(SYS_setgroups, request->group_count, request->groups);
        if (error < 0 && !(error == -EPERM && request->flags & SUPD_SPAWN_GROUPS_IF_ALLOWED)) {
            return fail(spawn, SUPD_STAGE_GROUPS, error, 0);
        }
    }
    if (request->flags & SUPD_SPAWN_GID) {
        error = RAW3(SYS_setresgid, request->gid, request->gid, request->gid);
        if (error < 0) return fail(spawn, SUPD_STAGE_GROUP, error, 0);
    }
    error = supd_spawn_place_sockets(spawn);
    if (error < 0) return fail(spawn, SUPD_STAGE_DESCRIPTORS, error, 0);
    if (request->flags & SUPD_SPAWN_UID) {
        error = RAW3(SYS_setresuid, request->uid, request->uid, request->uid);
        if (error < 0) return fail(spawn, SUPD_STAGE_USER, error, 0);
        // A daemon that keeps its capabilities over a change of user (capabilities(7), securebits) would hand them on.
        if (request->uid != 0 && RAW3(SYS_setresuid, -1, 0, -1) >= 0) {
            return fail(spawn, SUPD_STAGE_USER, -EPERM, 1);
        }
    }

    RAW1(SYS_umask, request->umask);
    if (request->working_directory[0] != '\0') {
        note_step(spawn, SUPD_STAGE_WORKING_DIRECTORY, 0);
        error = RAW1(SYS_chdir, request->working_directory);
        if (error < 0) return fail(spawn, SUPD_STAGE_WORKING_DIRECTORY, error, 0);
    }
    if (request->flags & SUPD_SPAWN_NO_NEW_PRIVILEGES) {
        error = raw_call(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (error < 0) return fail(spawn, SUPD_STAGE_NO_NEW_PRIVILEGES, error, 0);
    }

    for (int index = 0; index < 2; index++)
        if (request->own_numbers[index] != 0) write_own_number(request->own_numbers[index]);
    return run(spawn);
}
