#pragma once

// What the program was started with, as the kernel gave it: Swift's CommandLine reads /proc/self/cmdline, and has nothing without /proc.

/// How many words, the program's name among them where there is one.
int supd_argument_count(void);
/// One of them, for an index below the count.
const char *supd_argument(int index);
