#pragma once

#include "supd_deadline.h"

// Between deadline.c, which keeps the time, and deadline_end.c, which does what is done when it has come.

// What the loop wrote down, or what is made up where it wrote nothing.
struct deadline_report {
    int code;
    size_t line_size;
    size_t report_size;
    char line[SUPD_DEADLINE_LINE_MAX];
    char report[SUPD_DEADLINE_REPORT_MAX];
};

// Where it is told.
void deadline_end_prepare(int output);
// Everything that cannot hang: SIGKILL to the main processes, and the lines where that does not wait: `note`, and the report's.
void deadline_end_at_once(const char *note, const struct deadline_report *report);
// Everything that may hang, on a thread that nobody waits for without limit: control groups, orphans, the report's file.
void deadline_end_aside(const char *note, const struct deadline_report *report);
// Whether a main process is known that was not reaped.
int deadline_end_has_processes(void);
