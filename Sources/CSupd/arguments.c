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
