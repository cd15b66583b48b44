#pragma once

// A datagram socket connected to the service manager's (sd_notify(3): a path, or an abstract name after '@').
// Close-on-exec, non-blocking. Its being writable says whether the manager has room for a message.
int supd_notify_connect(const char *address);
// 1 where a message would be taken without waiting, 0 where not.
int supd_notify_has_room(int socket);
