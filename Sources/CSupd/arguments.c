#include "supd_arguments.h"

static int count;
static char **words;

// glibc calls every constructor with what main gets, in static programs too.
__attribute__((constructor)) static void keep(int argc, char **argv) {
    count = argc;
    words = argv;
}

int supd_argument_count(void) { return count; }

const char *supd_argument(int index) { return words[index]; }

// What Swift's CommandLine asks for. The runtime's own (stdlib/public/CommandLineSupport/CommandLine.cpp) reads /proc/self/maps before main in every program
// that has it, to find the words beside the environment: a sixteenth of the instructions of `supctl status NAME`, and nothing where there is no /proc.
// A program that is linked statically has these in its place.
char **_swift_stdlib_getUnsafeArgvArgc(int *length);
char **_swift_stdlib_getUnsafeArgvArgc(int *length) {
    *length = count;
    return words;
}

void _swift_stdlib_overrideUnsafeArgvArgc(char **argv, int argc);
void _swift_stdlib_overrideUnsafeArgvArgc(char **argv, int argc) {
    count = argc;
    words = argv;
}
