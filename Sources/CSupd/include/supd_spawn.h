#pragma once

#include <stddef.h>
#include <stdint.h>

// Starts a program. The child shares the parent's memory until it has called execve (CLONE_VM|CLONE_VFORK), so
// nothing is copied, and a failure's stage and errno are simply written where the parent reads them.
//
// Descriptors: the child shares the parent's table at first and then takes a copy of its low end only, so that a
// daemon with thousands of descriptors does not pay for each of them at each spawn. What the child is to
// have must therefore lie in a few low descriptors that the parent keeps for this, the slots.

struct supd_limit {
    int32_t resource;
    uint64_t soft;  // UINT64_MAX for none
    uint64_t hard;
};

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
    // Sockets for the child's descriptors 3, 4, … They may lie anywhere from 3 on; the numbers are written over.
    int *sockets;
    size_t socket_count;
    // Room for ten digits and a zero in the environment, for the child's own number (LISTEN_PID); NULL for none.
    char *listen_pid;
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
};

struct supd_spawn_result {
    int32_t pid;
    int32_t pidfd;
    int32_t error;   // 0, or errno of the stage
    int32_t stage;   // enum supd_spawn_stage
    int32_t detail;  // the index of the candidate or of the limit that failed; 1 of the user: root can be regained
};

// Answers 0 and pid and pidfd, or a negated errno, which is in result as well, with its stage.
// To be called from one thread at a time. Blocks until the program has begun or failed to.
int supd_spawn(const struct supd_spawn_request *request, struct supd_spawn_result *result);
