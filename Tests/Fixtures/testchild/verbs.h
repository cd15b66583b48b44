// One function a verb: `testchild VERB ARGUMENT…`. Each answers the exit code, or does not answer.
#pragma once

#include <stddef.h>

typedef struct {
    const char *name;
    const char *arguments;
    int (*run)(int count, char **arguments);
} verb;

// Tables end with a verb without a name.
extern const verb life_verbs[];
extern const verb tree_verbs[];
extern const verb describe_verbs[];

// Appends a line to a file with one write, so that lines of several processes do not mix.
void append_line(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Waits for signals for ever; their default actions apply.
int stay(void) __attribute__((noreturn));

int fail(const char *what);
