// The child of the tests: it behaves, or misbehaves, as its first argument says.

#define _GNU_SOURCE
#include "testchild.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct verb *const tables[] = {report_verbs, ending_verbs, tree_verbs, output_verbs,
                                           life_verbs,   server_verbs, hung_verbs,  memory_verbs, hanging_verbs, notice_verbs,
                                           descriptor_verbs};
enum { TABLES = sizeof tables / sizeof tables[0] };

pid_t fork_child(void) {
    pid_t pid = fork();
    if (pid == 0) alarm(LIFETIME_SECONDS);
    if (pid < 0) {
        perror("fork");
        _exit(111);
    }
    return pid;
}

void say(const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    if (length < 0) return;
    if (length > (int)sizeof line - 2) length = (int)sizeof line - 2;
    line[length++] = '\n';
    // Whoever closed our output did so on purpose.
    if (write(1, line, (size_t)length) < 0) return;
}

void wait_for_ever(void) {
    for (;;) pause();
}

long number_at(int count, char **words, int index, long standard) {
    return index < count ? strtol(words[index], NULL, 10) : standard;
}

static int usage(void) {
    fprintf(stderr, "usage: testchild VERB [WORD...]\n");
    for (int table = 0; table < TABLES; table++) {
        for (const struct verb *verb = tables[table]; verb->name != NULL; verb++) {
            fprintf(stderr, "  %-22s %s\n", verb->name, verb->help);
        }
    }
    return 64;
}

// The Swift runtime, which the package manager links into every program, catches crashes to print backtraces: this child
// is to die of them as any other would. What is ignored stays so, for that is inherited, and reported.
static void drop_handlers(void) {
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action;
        if (sigaction(number, NULL, &action) < 0) continue;
        if (action.sa_handler != SIG_IGN && action.sa_handler != SIG_DFL) signal(number, SIG_DFL);
    }
}

int main(int count, char **words) {
    drop_handlers();
    alarm(LIFETIME_SECONDS);
    if (count < 2) return usage();
    for (int table = 0; table < TABLES; table++) {
        for (const struct verb *verb = tables[table]; verb->name != NULL; verb++) {
            if (strcmp(verb->name, words[1]) == 0) return verb->run(count - 2, words + 2);
        }
    }
    return usage();
}
