#pragma once

#include <stddef.h>
#include <stdint.h>

#include "supd_events.h"

// The end of a shutdown, kept by threads of their own. Whatever has become of the loop's thread, of the pool's, of memory and of
// descriptors: once the deadline has come, what is known to run is killed, what the loop wrote down last is told, and the
// process ends. One a process; everything here does nothing before supd_deadline_start.

// The orders to stop, which set a deadline even where the loop takes no signals any more.
struct supd_deadline_orders {
    supd_signal_set signals;  // the first of them begins a shutdown, the second cuts it short, the third forces its end
    int64_t first_ns;         // what is left after the first
    int64_t second_ns;        // what is left at most after the second
    int64_t third_ns;         // what is left at most after the third
    int64_t apart_ns;         // one that comes sooner after the first than this is the first sent twice
};

enum {
    // The most bytes of a report's line, and of the report.
    SUPD_DEADLINE_LINE_MAX = 8 * 1024,
    SUPD_DEADLINE_REPORT_MAX = 128 * 1024,
    // Main processes with slots from this on are not known.
    SUPD_DEADLINE_SLOTS = 64 * 1024,
};

// Starts the threads, which sleep until there is a deadline. To be called once, by the loop's thread, with its signals blocked.
// Lines are told on `output`. A second call changes nothing.
int supd_deadline_start(const struct supd_deadline_orders *orders, int output);
// So much is left after the first order to stop from now on.
void supd_deadline_set_first(int64_t first_ns);
// With 1 the output hangs, and nothing is told there; with 0 it does not any more.
void supd_deadline_output_hangs(int hangs);
// Reports are put into this folder as last-shutdown.json. Nothing where it cannot be opened.
void supd_deadline_set_folder(const char *folder);
// The folder that control groups are made in, and which of them is the daemon's own. A null pointer takes it back.
void supd_deadline_set_groups(const char *base, const char *home);
// A main process that may have to be killed, by the slot that it has; and that it is about to be reaped. A pid of 0: it leads no process group
// that is known to be its own.
void supd_deadline_keep_process(uint32_t slot, int32_t pid, int32_t pidfd);
void supd_deadline_forget_process(uint32_t slot);
// A signal has come: an order to stop sets a deadline, until the loop sets another.
void supd_deadline_note_signal(int signal);
// Sets the deadline on CLOCK_MONOTONIC, and what is told and exited with then; 0 takes it back. What is longer than it may be is
// cut. Nothing once the deadline has come.
void supd_deadline_set(int64_t deadline_ns, int code, const void *line, size_t line_size, const void *report, size_t report_size);
