#pragma once

// What the program was started with, as the kernel gave it. Swift's runtime looks for it in /proc, see arguments.c.

/// How many words, the program's name among them where there is one.
int supd_argument_count(void);
/// One of them, for an index below the count.
const char *supd_argument(int index);
