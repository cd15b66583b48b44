#define _GNU_SOURCE
#include "CAcceptance.h"

#include <errno.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int acceptance_pidfd(pid_t pid) {
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    return fd < 0 ? -errno : fd;
}

// Starts it with these actions, and everything else plain; the actions are given back.
static int start(const char *path, char *const argv[], char *const envp[], posix_spawn_file_actions_t *actions,
                 pid_t *pid) {
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_addclosefrom_np(actions, 3);
    int error = posix_spawn(pid, path, actions, &attributes, argv, envp);
    posix_spawn_file_actions_destroy(actions);
    posix_spawnattr_destroy(&attributes);
    if (error) return -error;
    // The child is ours and not reaped: the number is its own until acceptance_reap.
    return acceptance_pidfd(*pid);
}

int acceptance_spawn_at_terminal(const char *path, char *const argv[], char *const envp[], int *master, pid_t *pid) {
    char name[64];
    *master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (*master < 0) return -errno;
    if (grantpt(*master) < 0 || unlockpt(*master) < 0 || ptsname_r(*master, name, sizeof name) != 0) return -errno;
    fcntl(*master, F_SETFL, O_NONBLOCK);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    // What the leader of a session without a terminal opens first becomes its terminal.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_adddup2(&actions, 0, 2);
    return start(path, argv, envp, &actions, pid);
}

int acceptance_spawn(const char *path, char *const argv[], char *const envp[], const char *folder, int in, int out,
                     int err, pid_t *pid) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (folder) posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    posix_spawn_file_actions_adddup2(&actions, err, 2);
    return start(path, argv, envp, &actions, pid);
}

int acceptance_reap(int pidfd, int *code, int *signal) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) < 0) return -errno;
    if (info.si_pid == 0) return -EAGAIN;
    *code = info.si_code == CLD_EXITED ? info.si_status : -1;
    *signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
    return 0;
}

int acceptance_signal(int pidfd, int signal) {
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) < 0 ? -errno : 0;
}

int acceptance_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    // Only the end that stays here: the other is a child's output, which expects to wait.
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return 0;
}

static int address(const char *path, struct sockaddr_un *to) {
    memset(to, 0, sizeof *to);
    to->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof to->sun_path) return -ENAMETOOLONG;
    strcpy(to->sun_path, path);
    return 0;
}

static int open_socket(int type, const char *path, int (*attach)(int, const struct sockaddr *, socklen_t)) {
    struct sockaddr_un to;
    int error = address(path, &to);
    if (error) return error;
    // Connecting waits for room in the listener's queue, so only the attached socket does not block.
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct timeval patience = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (attach(fd, (const struct sockaddr *)&to, sizeof to) < 0) {
        error = -errno;
        close(fd);
        return error;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static int attach_connect(int fd, const struct sockaddr *to, socklen_t length) {
    return connect(fd, to, length);
}

static int attach_bind(int fd, const struct sockaddr *to, socklen_t length) {
    return bind(fd, to, length);
}

int acceptance_connect(const char *path) {
    return open_socket(SOCK_STREAM, path, attach_connect);
}

typedef struct {
    const char *path;
    uid_t uid;
    gid_t gid;
    int answer;
} connect_as;

// System calls of their own: the C library would change the identity of every thread (nptl(7)).
static void *run_connect_as(void *argument) {
    connect_as *as = argument;
    if (syscall(SYS_setgroups, 0, NULL) < 0 || syscall(SYS_setresgid, as->gid, as->gid, as->gid) < 0 ||
        syscall(SYS_setresuid, as->uid, as->uid, as->uid) < 0)
        as->answer = -errno;
    else
        as->answer = acceptance_connect(as->path);
    return NULL;
}

int acceptance_connect_as(const char *path, uid_t uid, gid_t gid) {
    connect_as as = {path, uid, gid, -EAGAIN};
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run_connect_as, &as);
    if (error) return -error;
    pthread_join(thread, NULL);
    return as.answer;
}

static struct sockaddr_in loopback(uint16_t port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
}

int acceptance_connect_port(uint16_t port) {
    struct sockaddr_in to = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

int acceptance_free_port(void) {
    struct sockaddr_in at = loopback(0);
    socklen_t length = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    int answer = -EADDRINUSE;
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && getsockname(fd, (struct sockaddr *)&at, &length) == 0)
        answer = ntohs(at.sin_port);
    close(fd);
    return answer;
}

int acceptance_bind_datagram(const char *path) {
    return open_socket(SOCK_DGRAM, path, attach_bind);
}

int acceptance_listen(const char *path) {
    int fd = open_socket(SOCK_STREAM, path, attach_bind);
    if (fd < 0 || listen(fd, 64) == 0) return fd;
    int error = -errno;
    close(fd);
    return error;
}

int acceptance_accept(int fd) {
    int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return connection < 0 ? -errno : connection;
}

int acceptance_watch(const char *folder) {
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0) return -errno;
    if (inotify_add_watch(fd, folder, IN_CREATE | IN_MODIFY | IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_MOVED_FROM) < 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

long acceptance_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
    return (long)limit.rlim_cur;
}
