#pragma once

#include <stddef.h>

// The journal's native protocol is datagrams (systemd.io/JOURNAL_NATIVE_PROTOCOL). See also unix(7) and memfd_create(2).

// Connects a datagram socket to path; a leading @ stands for the zero byte of an abstract name. Close-on-exec,
// non-blocking, with as large a send buffer as may be had, up to send_buffer bytes (0: what it is).
int supd_datagram_connect(const char *path, int send_buffer);
// Connects a stream socket to path, sends it the header, and hands it over for a child to write to: close-on-exec, blocking, not to
// be read. Never waits; -EAGAIN where it would have to.
int supd_journal_stream(const char *path, const void *header, size_t count);
// How many bytes of kernel memory the datagrams take that were sent and not yet read (unix(7), SIOCOUTQ); or -errno.
int supd_datagram_unread(int socket);
// Sends one datagram that holds bytes as a sealed memfd: for what is too large for a datagram. Never waits.
int supd_datagram_send_memfd(int socket, const void *bytes, size_t count);
