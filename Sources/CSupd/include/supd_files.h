#pragma once

#include <stddef.h>
#include <stdint.h>

// open(2), flock(2), poll(2) and pipe2(2), for callers that want no variadic functions and no errno.

// A pipe, both ends close-on-exec; the reading end is non-blocking, the writing end, which a child gets, is not.
int supd_pipe(int *reading, int *writing);
// Has the pipe hold so many bytes (F_SETPIPE_SZ of fcntl(2)); answers how many it holds then.
int supd_resize_pipe(int descriptor, int bytes);
// What poll(2) tells of a pipe's reading end: supd_readable where there is something in it, supd_hung_up where nobody has the other end; or a
// negated errno. It takes no lock of the pipe's.
int supd_pipe_look(int descriptor);
// What stat(2) tells of a file: `modified` in nanoseconds.
struct supd_file_state {
    uint32_t mode;
    uint64_t device;
    uint64_t inode;
    int64_t size;
    int64_t modified;
};
// Looks at a file without waiting for anything: -EAGAIN where the kernel would have to ask a disk or a server, and where the file is on no disk
// of this machine, as others may change it there and the kernel not know.
int supd_look_at_hand(const char *path, struct supd_file_state *state);
// Duplicates from onto to, close-on-exec.
int supd_duplicate_onto(int from, int to);
// Duplicates a descriptor, close-on-exec, to the lowest number that is free and not below 3.
int supd_duplicate(int descriptor);
// Opens a file, close-on-exec, never as a controlling terminal and never waiting for the other end of a FIFO.
int supd_open(const char *path, int flags, uint32_t mode);
// The same for what is closed again at once with supd_close_briefly. Where no descriptor is left it takes one of a reserve
// that the thread keeps: whether a process is there, and a signal to it, must not depend on that.
int supd_open_briefly(const char *path, int flags);
// Opens a file of a folder, for reading and briefly, with the rights of the folder's owner where the thread may take them
// (setfsuid(2)).
int supd_open_as_owner(const char *folder, const char *name);
// Closes what was opened briefly, and fills the reserve again.
void supd_close_briefly(int descriptor);
// Has the calling thread keep a reserve, until as many calls of supd_reserve_drop.
void supd_reserve_keep(void);
void supd_reserve_drop(void);
// The same for all threads that keep none of their own, together.
void supd_reserve_share(void);
void supd_reserve_unshare(void);
int supd_set_nonblocking(int descriptor);
// 1 where the descriptor is open, 0 where it is not.
int supd_is_open(int descriptor);
// Marks every descriptor from first on close-on-exec, as far as they can be found out.
void supd_close_on_exec_from(int first);
// Takes an exclusive flock(2) at once, or gives -EWOULDBLOCK.
int supd_lock_exclusively(int descriptor);
// Whether a folder is in memory, where no disk and no server is waited for.
int supd_is_in_memory(const char *folder);
// Has the file system keep so many bytes for a file, whose size stays; nothing where it cannot.
int supd_reserve_space(int descriptor, long size);
// inotify(7): tells of the removal, the renaming, the change of links and the writing of the files that are watched. Non-blocking.
int supd_watch_create(void);
// Watches what path names, and does not follow it where it is a link; only where it is a folder, for `folder`. The watch's number, the same
// for a file that is watched already.
int supd_watch_add(int watch, const char *path, int folder);
void supd_watch_remove(int watch, int number);
// Throws away what was told.
void supd_watch_clear(int watch);
// 1 where a write would not wait, 0 where it would; -EPIPE and the like where the other end is gone.
int supd_poll_writable(int descriptor);
// 1 where an extended attribute of the file is "1" (xattr(7)).
int supd_attribute_is_one(const char *path, const char *name);
// The descriptors from first on that are open and not close-on-exec, in their order: how many were written to numbers, at most max.
int supd_open_descriptors(int first, int32_t *numbers, int max);
// The file mode creation mask, without setting it as umask(2) does: other threads may make files.
uint32_t supd_umask(void);
// S_IFMT of the descriptor's file, 0 of one that has none, as those of eventfd(2); never asks a server.
int supd_file_kind(int descriptor);
// 1 where the open folder is one of procfs.
int supd_is_in_proc(int folder);
// Opens a folder of a folder, or of an absolute path, as a place only (O_PATH); with follows = 0 no symbolic link.
int supd_open_folder(int folder, const char *name, int follows);
// The length of a symbolic link's target, which is put to target without a zero at its end.
int supd_link_target(int folder, const char *name, char *target, size_t size);
