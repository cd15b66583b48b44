#define _GNU_SOURCE
#include "supd_processes.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static inline int result(long value) { return value < 0 ? -errno : (int)value; }

int supd_pidfd_open(int32_t pid) { return result(syscall(SYS_pidfd_open, pid, 0)); }

int supd_pidfd_fetch(int pidfd, int descriptor) { return result(syscall(SYS_pidfd_getfd, pidfd, descriptor, 0)); }

void supd_terminal_take_back(int32_t group) {
    if (tcgetpgrp(STDIN_FILENO) != group) return;
    // Whoever does this from the background is stopped, unless it blocks the signal (tcsetpgrp(3)).
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    tcsetpgrp(STDIN_FILENO, getpgrp());
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void supd_terminal_lend(int32_t group) {
    if (tcgetpgrp(STDIN_FILENO) == getpgrp()) tcsetpgrp(STDIN_FILENO, group);
}

int supd_pidfd_stop_signal(int pidfd) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WSTOPPED | WNOHANG | __WALL) < 0) return 0;
    return info.si_pid != 0 && info.si_code == CLD_STOPPED ? info.si_status : 0;
}

int supd_shares_job(void) {
    if (getpgrp() == getpid() && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) return 0;
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0) return 0;
    close(terminal);
    return 1;
}

int supd_is_job(void) {
    pid_t parent = getppid();
    return getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

void supd_stop_as_job(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL}, before;
    sigset_t stop, mask;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    sigaction(SIGTSTP, &standard, &before);
    // A script that runs this one stops with it, or its shell would see nothing of it.
    kill(0, SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &before, NULL);
    // What ended the stop has done its work. Read later, it would continue the command after its next stop.
    sigset_t go_on;
    sigemptyset(&go_on);
    sigaddset(&go_on, SIGCONT);
    sigtimedwait(&go_on, NULL, &(struct timespec){0});
}

int supd_stop_waits(void) {
    sigset_t waiting;
    return sigpending(&waiting) == 0 && sigismember(&waiting, SIGTSTP) == 1;
}

int supd_pidfd_signal(int pidfd, int signal) {
    return result(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

static int reap(int kind, id_t id, struct supd_wait_status *status) {
    siginfo_t info;
    // waitid(2): with WNOHANG and nothing to tell, si_pid is only zero if it was zeroed before.
    memset(&info, 0, sizeof info);
    int outcome;
    do {
        outcome = waitid((idtype_t)kind, id, &info, WEXITED | WNOHANG | __WALL);
    } while (outcome < 0 && errno == EINTR);
    if (outcome < 0) return -errno;
    if (info.si_pid == 0) return 0;
    status->pid = info.si_pid;
    status->code = info.si_status;
    status->signaled = info.si_code != CLD_EXITED;
    status->core_dumped = info.si_code == CLD_DUMPED;
    return 1;
}

int supd_pidfd_reap(int pidfd, struct supd_wait_status *status) { return reap(P_PIDFD, (id_t)pidfd, status); }

int supd_pid_reap(int32_t pid, struct supd_wait_status *status) { return reap(P_PID, (id_t)pid, status); }

int supd_peek_ended_child(void) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0) return errno == ECHILD ? 0 : -errno;
    return info.si_pid;
}

int supd_become_subreaper(void) { return result(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)); }

int supd_raise_descriptor_limit(uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    if (limit.rlim_cur == limit.rlim_max) return 0;
    limit.rlim_cur = limit.rlim_max;
    return result(setrlimit(RLIMIT_NOFILE, &limit));
}

void supd_raise_lowered_descriptor_limit(void) {
    enum { ENOUGH = 4096 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= ENOUGH) return;
    // The hard limit is for the privileged to raise.
    struct rlimit wanted = {.rlim_cur = ENOUGH, .rlim_max = limit.rlim_max > ENOUGH ? limit.rlim_max : ENOUGH};
    if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void supd_pidfd_collect(int pidfd, int milliseconds) {
    struct pollfd entry = {.fd = pidfd, .events = POLLIN};
    poll(&entry, 1, milliseconds);
    struct supd_wait_status status;
    supd_pidfd_reap(pidfd, &status);
    close(pidfd);
}

// PF_FORKNOEXEC (the kernel's linux/sched.h) in field 9 of /proc/PID/stat.
int supd_has_executed(int32_t pid) {
    char text[512];
    snprintf(text, sizeof text, "/proc/%d/stat", pid);
    int file = open(text, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 1;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    if (count <= 0) return 1;
    text[count] = 0;
    // The name before it may hold anything.
    const char *rest = strrchr(text, ')');
    unsigned long flags;
    if (rest == NULL || sscanf(rest, ") %*c %*d %*d %*d %*d %*d %lu", &flags) != 1) return 1;
    return !(flags & 0x40);
}

int supd_user_is_plain(void) {
    uid_t real, effective, saved;
    return getresuid(&real, &effective, &saved) == 0 && real == effective && effective == saved;
}

int supd_group_is_plain(void) {
    gid_t real, effective, saved;
    return getresgid(&real, &effective, &saved) == 0 && real == effective && effective == saved;
}
