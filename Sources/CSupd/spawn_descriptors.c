// What a child does with the descriptors that it shares with its parent at first.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <stdint.h>

#include "raw.h"
#include "spawn_internal.h"

struct kernel_dirent {
    uint64_t inode;
    int64_t offset;
    uint16_t length;
    uint8_t type;
    char name[];
};

IN_CHILD int is_kept(const struct supd_spawn_request *request, int descriptor) {
    for (size_t index = 0; index < request->kept_count; index++) {
        if (request->kept[index] == descriptor) return 1;
    }
    return 0;
}

// Closes what is open from first on, but for spared and for what is kept.
IN_CHILD void close_one_by_one(const struct supd_spawn_request *request, int first, int spared) {
    // It is to go in any case, and makes room for the folder below a low limit of descriptors.
    if (first != spared && !is_kept(request, first)) RAW1(SYS_close, first);
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
            if (!digits || number < first || number == spared || number == folder) continue;
            if (!is_kept(request, (int)number)) RAW1(SYS_close, number);
        }
    }
    RAW1(SYS_close, folder);
}

__attribute__((disable_sanitizer_instrumentation)) void supd_child_close_from(int first) {
    static const struct supd_spawn_request nothing_kept;
    close_one_by_one(&nothing_kept, first, -1);
}

__attribute__((disable_sanitizer_instrumentation)) long supd_spawn_leave_descriptor_table(const struct supd_spawn_request *request) {
    int first = request->slots_end;
    for (size_t index = 0; index < request->socket_count; index++) {
        if (request->sockets[index] >= first) first = request->sockets[index] + 1;
    }
    if (request->kept_count > 0) {
        int last = request->kept[request->kept_count - 1];
        if (last >= first) first = last + 1;
    }
    if (!(request->flags & SUPD_SPAWN_CLOSE_ONE_BY_ONE)) {
        long error = RAW3(SYS_close_range, first, ~0U, CLOSE_RANGE_UNSHARE);
        if (error != -ENOSYS && error != -EPERM) return error;
    }
    // Before the first close: until then the table is the parent's.
    long error = RAW1(SYS_unshare, CLONE_FILES);
    if (error < 0) return error;
    close_one_by_one(request, first, -1);
    return 0;
}

__attribute__((disable_sanitizer_instrumentation)) long supd_spawn_clear_places(struct supd_spawn *spawn) {
    const struct supd_spawn_request *request = spawn->request;
    if (request->socket_count == 0) return 0;
    int end = 3 + (int)request->socket_count;
    for (size_t index = 0; index < request->socket_count; index++) {
        if (request->sockets[index] < 0 || request->sockets[index] >= end) continue;
        long moved = RAW3(SYS_fcntl, request->sockets[index], F_DUPFD_CLOEXEC, end);
        if (moved < 0) return moved;
        request->sockets[index] = (int)moved;
    }
    if (spawn->child_report >= 0 && spawn->child_report < end) {
        long moved = RAW3(SYS_fcntl, spawn->child_report, F_DUPFD_CLOEXEC, end);
        if (moved < 0) return moved;
        spawn->child_report = (int)moved;
    }
    return 0;
}

// Slots are never 0, 1 or 2, so no order can destroy one; and standard error may be
// what standard output is, for that is in its place by then.
__attribute__((disable_sanitizer_instrumentation)) long supd_spawn_place_standard(const struct supd_spawn_request *request) {
    const int slots[3] = {request->input_slot, request->output_slot, request->error_slot};
    for (int target = 0; target < 3; target++) {
        if (slots[target] == target) continue;
        long error = RAW3(SYS_dup3, slots[target], target, 0);
        if (error < 0) return error;
    }
    return 0;
}

// Closes all from first on but for the report and what is kept, in the gaps between them.
IN_CHILD long close_ranges(const struct supd_spawn_request *request, int first, int report) {
    size_t index = 0;
    while (1) {
        int spared = -1;
        while (index < request->kept_count && request->kept[index] < first) index++;
        if (index < request->kept_count) spared = request->kept[index];
        if (report >= first && (spared < 0 || report < spared)) spared = report;
        if (spared < 0) return RAW3(SYS_close_range, first, ~0U, 0);
        if (spared > first) {
            long error = RAW3(SYS_close_range, first, spared - 1, 0);
            if (error < 0) return error;
        }
        first = spared + 1;
    }
}

__attribute__((disable_sanitizer_instrumentation)) long supd_spawn_place_sockets(const struct supd_spawn *spawn) {
    const struct supd_spawn_request *request = spawn->request;
    int report = spawn->child_report;
    int end = 3 + (int)request->socket_count;
    for (int target = 3; target < end; target++) {
        if (request->sockets[target - 3] < 0) {
            // Nothing that is still needed is here (supd_spawn_clear_places).
            RAW1(SYS_close, target);
            continue;
        }
        long error = RAW3(SYS_dup3, request->sockets[target - 3], target, 0);
        if (error < 0) return error;
    }
    for (size_t index = 0; index < request->kept_count; index++) {
        // The daemon's own are all close-on-exec.
        RAW3(SYS_fcntl, request->kept[index], F_SETFD, 0);
    }
    if (!(request->flags & SUPD_SPAWN_CLOSE_ONE_BY_ONE)) {
        long error = close_ranges(request, end, report);
        if (error != -ENOSYS && error != -EPERM) return error;
    }
    close_one_by_one(request, end, report);
    return 0;
}
