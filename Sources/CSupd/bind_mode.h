#pragma once

#include <stdint.h>
#include <sys/socket.h>

// bind(2) of a path, so that its file has exactly this mode from its first moment on (unix(7): what the file mode creation mask
// leaves of 0777). 0, or -1 with errno.
int bind_with_mode(int descriptor, const void *address, socklen_t length, uint32_t mode);
