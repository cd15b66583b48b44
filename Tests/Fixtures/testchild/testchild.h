#pragma once

#include <sys/types.h>

// One behaviour of a child: it gets the words after its name. What it returns is its exit code.
typedef int verb_function(int count, char **words);

struct verb {
    const char *name;
    verb_function *run;
    const char *help;
};

// Each file of verbs offers a table that ends with a null name.
extern const struct verb report_verbs[];
extern const struct verb ending_verbs[];
extern const struct verb tree_verbs[];
extern const struct verb output_verbs[];
extern const struct verb life_verbs[];
extern const struct verb server_verbs[];
extern const struct verb hung_verbs[];
extern const struct verb memory_verbs[];
extern const struct verb hanging_verbs[];
extern const struct verb notice_verbs[];
extern const struct verb descriptor_verbs[];

// Nothing that a test starts outlives it by more than this, whatever goes wrong.
enum { LIFETIME_SECONDS = 900 };

// fork(2), and a lifetime for the child: alarm(2) is not inherited.
pid_t fork_child(void);
// Writes one line to standard output with one write(2).
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
// Waits for ever; signals do what they are set to do.
void wait_for_ever(void) __attribute__((noreturn));
// One end of a connection whose close(2) waits a minute for a peer that never reads.
int lingering_socket(void);
// The number of a word, or of a missing one the standard.
long number_at(int count, char **words, int index, long standard);
