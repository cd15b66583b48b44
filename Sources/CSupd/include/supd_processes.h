#pragma once

#include <stdint.h>

// pidfd_open(2), pidfd_send_signal(2), waitid(2), prctl(2).

// How a process ended.
struct supd_wait_status {
    int32_t pid;
    int32_t code;         // the exit code, or the number of the signal
    uint8_t signaled;     // 1 where a signal ended it
    uint8_t core_dumped;  // 1 where it left a core file as well
};

int supd_pidfd_open(int32_t pid);
// The same, to be closed at once with supd_close_briefly: may take one of the reserve (supd_open_briefly).
int supd_pidfd_open_briefly(int32_t pid);
// A copy of another process's descriptor, close-on-exec (pidfd_getfd(2)).
int supd_pidfd_fetch(int pidfd, int descriptor);
// Puts the caller's process group into the foreground of the terminal that standard input is, where that has `group` there.
void supd_terminal_take_back(int32_t group);
// The other way round: the process group `group` into the foreground, where that is the caller's place.
void supd_terminal_lend(int32_t group);
// The signal that has stopped a child since it was last asked; 0 where none has.
int supd_pidfd_stop_signal(int pidfd);
// 1 where what is run shares the caller's job at its terminal with others, whom the terminal is not to be taken from: a pipeline, as
// standard input or output is no terminal, or a script, as the caller does not lead its process group. 0 without a terminal.
int supd_shares_job(void);
// 1 where the caller's parent is a shell that waits for it as for a job: one of its session and of another process group.
int supd_is_job(void);
// Stops the caller's whole process group as a terminal's SIGTSTP does, and returns once it is continued; at once where nobody is
// there who could continue it (an orphaned process group, setpgid(2)). A SIGCONT that waits then is taken. From a process with one
// thread that takes signals.
void supd_stop_as_job(void);
// Whether a terminal's SIGTSTP has come and was not taken yet.
int supd_stop_waits(void);
// Sends a signal; a signal of 0 only asks whether the process is there.
int supd_pidfd_signal(int pidfd, int signal);
// Collects a child's status. 1 where it was collected, 0 where the child has not ended.
int supd_pidfd_reap(int pidfd, struct supd_wait_status *status);
// Collects a child that is ending, whose status nobody wants, and closes the pidfd. Waits for its end at most so long.
void supd_pidfd_collect(int pidfd, int milliseconds);
// 1 where the process has called execve(2) since it was made, or it cannot be found out; 0 where it has not, also of a zombie.
int supd_has_executed(int32_t pid);
// As supd_pidfd_reap by number, for children that have no pidfd.
int supd_pid_reap(int32_t pid, struct supd_wait_status *status);
// The number of some child that has ended, left as it is; 0 where there is none.
int supd_peek_ended_child(void);
// Orphans below this process become its children from now on (PR_SET_CHILD_SUBREAPER).
int supd_become_subreaper(void);

// 1 where the real, effective and saved user ids are one; likewise of the group ids.
int supd_user_is_plain(void);
int supd_group_is_plain(void);

// RLIMIT_NOFILE: raises the soft limit to the hard one, and gives what it was before.
int supd_raise_descriptor_limit(uint64_t *soft, uint64_t *hard);
// Raises it again where somebody has lowered it since (prlimit(1)): for the end, where everything has to be reached.
void supd_raise_lowered_descriptor_limit(void);

// Opens what supd_kill_children reads where there are no descriptors by then. From the thread that starts programs.
void supd_children_keep(void);
// Sends SIGKILL to every child that lives, own or adopted, and gives how many there were. Needs no descriptor and no memory.
int supd_kill_children(void);
