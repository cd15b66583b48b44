#pragma once

#include <stddef.h>
#include <stdint.h>

// Starts a program. The child shares the parent's memory until it has called execve (CLONE_VM), so nothing is copied, and a
// failure's stage and errno are simply written where the parent reads them.
//
// The parent is not held until then, as vfork(2) would hold it: a path on a file system that does not answer holds chdir(2) and
// execve(2) for as long as it likes, and no signal ends that wait. It asks for the end, with or without waiting a little, and the
// kernel tells it (set_tid_address(2)). Not by way of a thread that waits in vfork: the thread would be the child's parent, and a
// program that asked for a signal at the death of its parent (PR_SET_PDEATHSIG) would get it when that thread ends.
//
// Descriptors: the child shares the parent's table at first and then takes a copy of its low end only, so that a
// daemon with thousands of descriptors does not pay for each of them at each spawn. What the child is to
// have must therefore lie in a few low descriptors that the parent keeps for this, the slots.

struct supd_limit {
    int32_t resource;
    uint64_t soft;  // UINT64_MAX for none
    uint64_t hard;
};

// Of the name that a child calls itself by, with its zero (prctl(2), PR_SET_NAME).
enum { SUPD_SPAWN_NAME_SIZE = 16 };

// Which of the optional parts of a request are there.
enum supd_spawn_flags {
    SUPD_SPAWN_UID = 1 << 0,
    SUPD_SPAWN_GID = 1 << 1,
    SUPD_SPAWN_GROUPS = 1 << 2,
    SUPD_SPAWN_NICE = 1 << 3,
    SUPD_SPAWN_OOM_SCORE = 1 << 4,
    // With the one before: a failure to write it is no failure of the spawn.
    SUPD_SPAWN_OOM_SCORE_IF_ALLOWED = 1 << 5,
    SUPD_SPAWN_NO_NEW_PRIVILEGES = 1 << 6,
    // As where clone3(2) is refused (an old seccomp filter): fork, with a pipe for the failure.
    SUPD_SPAWN_BY_FORK = 1 << 7,
    // As where close_range(2) is refused: the descriptors are closed one by one.
    SUPD_SPAWN_CLOSE_ONE_BY_ONE = 1 << 8,
    // With SUPD_SPAWN_GROUPS: where they may not be set, the daemon's own are kept.
    SUPD_SPAWN_GROUPS_IF_ALLOWED = 1 << 9,
    // A process group of its own in the parent's session, put into the foreground of the terminal where standard input is
    // one; else a session of its own.
    SUPD_SPAWN_IN_SESSION = 1 << 10,
    // Born into the control group of control_group.
    SUPD_SPAWN_CONTROL_GROUP = 1 << 11,
    // With SUPD_SPAWN_IN_SESSION: stays in the parent's process group as well.
    SUPD_SPAWN_IN_PROCESS_GROUP = 1 << 12,
};

// The steps of a spawn, in their order.
enum supd_spawn_stage {
    SUPD_STAGE_NONE,
    SUPD_STAGE_PIPE,
    SUPD_STAGE_CLONE,
    SUPD_STAGE_CONTROL_GROUP,
    SUPD_STAGE_SIGNALS,
    SUPD_STAGE_SESSION,
    SUPD_STAGE_LIMITS,
    SUPD_STAGE_NICE,
    SUPD_STAGE_OOM_SCORE_ADJUST,
    SUPD_STAGE_GROUPS,
    SUPD_STAGE_GROUP,
    SUPD_STAGE_DESCRIPTORS,
    SUPD_STAGE_USER,
    SUPD_STAGE_UMASK,
    SUPD_STAGE_WORKING_DIRECTORY,
    SUPD_STAGE_NO_NEW_PRIVILEGES,
    SUPD_STAGE_EXEC,
};

struct supd_spawn_request {
    // Each ends with NULL.
    const char *const *candidates;
    const char *const *arguments;
    const char *const *environment;
    const char *working_directory;
    const struct supd_limit *limits;
    size_t limit_count;
    const uint32_t *groups;
    size_t group_count;
    uint32_t flags;
    uint32_t uid;
    uint32_t gid;
    uint32_t umask;
    int32_t nice;
    int32_t oom_score_adjust;
    // Sockets for the child's descriptors 3, 4, …; -1 where it has none. They may lie anywhere from 3 on; the numbers are written over.
    int *sockets;
    size_t socket_count;
    // Room for ten digits and a zero in the environment, for the child's own number (LISTEN_PID, WATCHDOG_PID); NULL for none.
    char *own_numbers[2];
    // A descriptor of the control group's folder.
    int control_group;
    // The child's standard input, output and error: slots, all below slots_end; or 0, 1 and 2 for the parent's own at its
    // place, and 1 for standard error as well where standard output has it.
    int input_slot;
    int output_slot;
    int error_slot;
    // A slot that the fork fallback may use for its pipe.
    int report_slot;
    int slots_end;
    // What the child runs on (supd_spawn_stack_make).
    void *stack;
    // Signals that the parent ignores, or may, that the child ignores, and that it blocks; signal 1 at bit 0.
    uint64_t parents_ignored_signals;
    uint64_t ignored_signals;
    uint64_t blocked_signals;
    // What the child calls itself until its execve(2); empty to leave it what the parent is called.
    char name[SUPD_SPAWN_NAME_SIZE];
    // Descriptors of the parent's, from 3 on and in their order, that the child has as well, at the same numbers. Not together with
    // sockets.
    const int32_t *kept;
    size_t kept_count;
};

// A spawn under way. It, the request, all that this points to and the stack belong to the child until supd_spawn_await has
// answered 1; the slots, until then, to nobody else.
struct supd_spawn {
    // 1 until the kernel clears it, when the child has called execve or is about to leave (CLONE_CHILD_CLEARTID).
    uint32_t is_under_way;
    int32_t pid;
    int32_t pidfd;
    // Which of the steps that look up paths it is at, and so may hang in, and which candidate: written by the child in shared
    // memory, 0 else.
    int32_t step;
    int32_t step_detail;
    // Whether the child has run at all: one that was killed at its birth, as one that is born into a group that was, has not. Of one by
    // fork it is not known, and 1.
    int32_t has_run;
    int32_t error;
    int32_t stage;
    int32_t detail;
    // By fork: the pipe for the failure, its reading end here and its writing end as a slot of the child's.
    int32_t report;
    int32_t child_report;
    // Whether the child was born outside of its control group, and has to enter it.
    int32_t enters_group;
    const struct supd_spawn_request *request;
};

// A stack for children, or NULL with errno; to be given back with supd_spawn_stack_free.
void *supd_spawn_stack_make(void);
void supd_spawn_stack_free(void *stack);

// Makes the child. Answers 0, with pid and pidfd in spawn; or a negated errno, which is in spawn->error as well, with its stage, and
// there is no child. Never waits. To be called from the thread whose end may be taken for the daemon's.
int supd_spawn_begin(struct supd_spawn *spawn, const struct supd_spawn_request *request);
// Waits until the program has begun, or the child has failed, at most so long: 1, or 0 where it goes on. Then spawn->error is 0 or
// the errno of spawn->stage, and spawn->detail the index of the candidate or of the limit that failed, or 1 of the user: root can be
// regained. A child that failed has left, or is about to, and is to be collected (supd_pidfd_collect). One that was killed on the
// way looks as if it had begun (supd_has_executed).
int supd_spawn_await(struct supd_spawn *spawn, int64_t nanoseconds);
