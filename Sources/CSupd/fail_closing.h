#pragma once

#include <errno.h>
#include <unistd.h>

// Closes a new descriptor that a call has failed on, and answers that call's error, which closing may overwrite.
static inline int fail_closing(int descriptor) {
    int error = errno;
    close(descriptor);
    return -error;
}
