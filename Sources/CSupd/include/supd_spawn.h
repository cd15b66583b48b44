#pragma once

#include <stddef.h>
#include <stdint.h>

// Starts a program. The child shares the parent's memory until it has called execve (CLONE_VM|CLONE_VFORK), so
// nothing is copied, and a failure's stage and errno are simply written where the parent reads them.
//
// Descriptors: the child shares the parent's table at first and then takes a copy of its low end only, so that a
// daemon with thousands of descriptors does not pay for each of them at each spawn. What the child is to
// have should therefore lie in a few low descriptors that the parent keeps for this, the slots; with sockets it is
// copied as far up as the highest of them.

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
    // A process group instead of a session, in the foreground of the terminal where standard input is one.
    SUPD_SPAWN_STAYS_IN_SESSION = 1 << 10,
};

// How many sockets a child may be handed.
enum { SUPD_SPAWN_SOCKETS_MAX = 64 };

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
    // The child's standard input, output and error: slots, all below slots_end, or the parent's own 0, 1 and 2.
    int input_slot;
    int output_slot;
    int error_slot;
    // What the child gets as 3, 4, …: any descriptors of the parent's, at most SUPD_SPAWN_SOCKETS_MAX.
    const int *sockets;
    size_t socket_count;
    // Where in the environment the child writes its number, with a zero behind it; eleven bytes, or NULL.
    char *pid_text;
    // The control group (cgroups(7), version 2) that the child is born into; -1 for the parent's.
    int control_group;
    // A slot that the fork fallback may use for its pipe.
    int report_slot;
    int slots_end;
};

struct supd_spawn_result {
    int32_t pid;
    int32_t pidfd;
    int32_t error;   // 0, or errno of the stage
    int32_t stage;   // enum supd_spawn_stage
    int32_t detail;  // the index of the candidate or of the limit that failed
};

// Answers 0 and pid and pidfd, or a negated errno, which is in result as well, with its stage.
// To be called from one thread at a time. Blocks until the program has begun or failed to.
int supd_spawn(const struct supd_spawn_request *request, struct supd_spawn_result *result);
