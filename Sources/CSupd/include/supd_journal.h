#pragma once

#include <stddef.h>

// The native protocol of the systemd journal: one datagram an entry.

// A datagram socket connected to the journal's at path. Close-on-exec, non-blocking.
int supd_journal_connect(const char *path);
// Sends one entry without waiting; one too large for a datagram goes as a sealed memfd. 0 or -errno.
int supd_journal_send(int socket, const void *entry, size_t count);
