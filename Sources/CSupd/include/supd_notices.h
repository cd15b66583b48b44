#pragma once

#include <stddef.h>
#include <stdint.h>

// Sockets of datagrams that tell who sent each (unix(7), SO_PASSCRED).

enum {
    // sd_notify(3): so many bytes are looked at.
    SUPD_NOTICE_SIZE = 4096,
    // SCM_MAX_FD: the kernel lets no more come with one datagram.
    SUPD_NOTICE_DESCRIPTORS = 253,
};

struct supd_notice {
    // Who sent it, as the kernel saw it; 0 where it does not say.
    int32_t pid;
    uint32_t uid;
    // Whether there was more than fitted.
    int is_cut;
    // Whether something that came with it is lost: there was no descriptor left for it.
    int has_lost;
    // What came with it, close-on-exec; the receiver's to close.
    int descriptor_count;
    int32_t descriptors[SUPD_NOTICE_DESCRIPTORS];
};

// Binds a socket at path with the mode 0600, and gives it to the user uid unless that is (uint32_t)-1. Close-on-exec, non-blocking.
int supd_notices_bind(const char *path, uint32_t uid);
// Which file a descriptor is of; never asks a server. Leaves the numbers alone where that cannot be told.
void supd_file_identity(int descriptor, uint64_t *device, uint64_t *inode);
// Whether two descriptors of one identity are of one open file description, by kcmp(2); where that is not to be had, as far as fstat(2)
// and the way they were opened tell.
int supd_is_same_file(int descriptor, int other);
// Takes the next datagram: its length, or a negated errno; -EAGAIN where none waits.
long supd_notices_receive(int socket, void *bytes, size_t size, struct supd_notice *notice);
