// What says something of itself to its service manager (sd_notify(3)), by nothing but the protocol.

#define _GNU_SOURCE
#include "testchild.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Sends one datagram, with a descriptor where that is not negative. `;` in text is the end of a line.
static int send_notice(const char *text, size_t length, int descriptor) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || strlen(path) >= sizeof address.sun_path) return -1;
    strcpy(address.sun_path, path);
    int notifier = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (notifier < 0) return -1;
    char *lines = malloc(length + 1);
    if (lines == NULL) return -1;
    for (size_t index = 0; index < length; index++) lines[index] = text[index] == ';' ? '\n' : text[index];
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = lines, .iov_len = length};
    struct msghdr message = {
        .msg_name = &address,
        .msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1),
        .msg_iov = &part,
        .msg_iovlen = 1,
    };
    if (descriptor >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    }
    ssize_t sent = sendmsg(notifier, &message, MSG_NOSIGNAL);
    int error = errno;
    close(notifier);
    free(lines);
    if (sent < 0) say("not sent: %s", strerror(error));
    return sent < 0 ? -1 : 0;
}

// The largest datagram that can be sent, of up to a megabyte: by the kernel's rule a part of that.
static void send_huge(void) {
    size_t size = 1 << 20;
    char *text = malloc(size);
    if (text == NULL) _exit(111);
    memset(text, 'x', size);
    memcpy(text, "READY=1;STATUS=", 15);
    while (send_notice(text, size, -1) < 0 && size > 8192) size /= 2;
    free(text);
}

static void say_variable(const char *name) {
    const char *value = getenv(name);
    say("%s=%s", name, value ? value : "");
}

// What it was given to find its way by, and what it has had kept.
static void say_surroundings(void) {
    say_variable("NOTIFY_SOCKET");
    say_variable("WATCHDOG_USEC");
    const char *watched = getenv("WATCHDOG_PID");
    say("WATCHDOG_PID=%s", !watched ? "" : atoi(watched) == getpid() ? "own" : "another's");
    say_variable("INVOCATION_ID");
    say_variable("LISTEN_FDNAMES");
    const char *count = getenv("LISTEN_FDS");
    for (int index = 0; index < (count ? atoi(count) : 0); index++) {
        char content[64] = "";
        ssize_t length = pread(3 + index, content, sizeof content - 1, 0);
        struct stat status;
        int is_pipe = fstat(3 + index, &status) == 0 && S_ISFIFO(status.st_mode);
        say("kept %s", length > 0 ? content : is_pipe ? "a pipe" : "nothing");
    }
    say("ready %d", getpid());
}

static void send_to_store(const char *name, int file) {
    char text[300];
    int length = snprintf(text, sizeof text, "FDSTORE=1;FDNAME=%s", name);
    send_notice(text, (size_t)length, file);
}

// A file in memory that says who made it, to be kept under this name; as often as it is sent.
static void store(const char *name, int times) {
    int file = memfd_create("kept", MFD_CLOEXEC);
    dprintf(file, "%s of %d", name, getpid());
    for (int time = 0; time < times; time++) send_to_store(name, file);
    close(file);
}

// The end of a named pipe that hangs up when the last writer has gone, to be kept under the name and what follows it.
static void store_pipe(const char *path, const char *name) {
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) _exit(111);
    send_to_store(name, file);
    close(file);
}

// A file, once unasked and once to be kept.
static void store_file(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) _exit(111);
    send_notice("X=1", 3, file);
    send_to_store("a-file", file);
    close(file);
}

// sd_notify_barrier(3): until everything that was sent before was taken.
static void barrier(void) {
    int ends[2];
    if (pipe(ends) < 0) _exit(111);
    send_notice("BARRIER=1", 9, ends[1]);
    close(ends[1]);
    struct pollfd entry = {.fd = ends[0]};
    poll(&entry, 1, -1);
    say("barrier %s", entry.revents & POLLHUP ? "passed" : "broken");
    close(ends[0]);
}

// Sends one end of a connection whose close(2) waits.
static void send_lingering(void) {
    int sender = lingering_socket();
    // The last one that has it open is the one that waits, but for one that exits.
    pid_t child = fork_child();
    if (child == 0) {
        send_notice("X=1", 3, sender);
        _exit(0);
    }
    // Not the last yet.
    close(sender);
    waitpid(child, NULL, 0);
}

// Goes on as another process, which is the main one by what this one says. This one ends well, or stays and collects the other.
static void succeed(int stays) {
    int ends[2];
    if (pipe(ends) < 0) _exit(111);
    pid_t child = fork_child();
    char byte;
    if (child == 0) {
        setsid();
        close(ends[1]);
        // Until it is told of, and the other gone.
        if (read(ends[0], &byte, 1) < 0) _exit(111);
        close(ends[0]);
        return;
    }
    char text[50];
    int length = snprintf(text, sizeof text, "MAINPID=%d", child);
    send_notice(text, (size_t)length, -1);
    say("successor %d", child);
    if (!stays) _exit(0);
    close(ends[1]);
    waitpid(child, NULL, 0);
    wait_for_ever();
}

static void ping(const char *word) {
    long milliseconds = 0, count = 0;
    if (sscanf(word, "%ld:%ld", &milliseconds, &count) != 2) _exit(64);
    for (long index = 0; index < count; index++) {
        send_notice("WATCHDOG=1", 10, -1);
        struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
        nanosleep(&pause, NULL);
    }
}

static void flood(long count) {
    for (long index = 0; index < count; index++) {
        char text[32];
        int length = snprintf(text, sizeof text, "STATUS=%ld", index);
        send_notice(text, (size_t)length, -1);
    }
}

// Says that it is ready, and answers each SIGHUP as a service of type notify-reload does: it is ready once a signal cannot end it.
static void reload_for_ever(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    send_notice("READY=1", 7, -1);
    for (;;) {
        int number;
        if (sigwait(&set, &number) != 0) continue;
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        char text[100];
        int length = snprintf(
            text, sizeof text, "RELOADING=1;MONOTONIC_USEC=%lld", now.tv_sec * 1000000LL + now.tv_nsec / 1000);
        send_notice(text, (size_t)length, -1);
        say("reloads");
        send_notice("READY=1", 7, -1);
    }
}

static const char *after(const char *word, const char *prefix) {
    size_t length = strlen(prefix);
    return strncmp(word, prefix, length) == 0 ? word + length : NULL;
}

static int notify(int count, char **words) {
    for (int index = 0; index < count; index++) {
        const char *word = words[index];
        const char *rest;
        if ((rest = after(word, "send:"))) {
            send_notice(rest, strlen(rest), -1);
        } else if ((rest = after(word, "child:"))) {
            pid_t child = fork_child();
            if (child == 0) {
                send_notice(rest, strlen(rest), -1);
                barrier();
                wait_for_ever();
            }
            say("child %d", child);
        } else if ((rest = after(word, "await:"))) {
            while (access(rest, F_OK) != 0) usleep(1000);
        } else if ((rest = after(word, "store:"))) {
            store(rest, 1);
        } else if ((rest = after(word, "twice:"))) {
            store(rest, 2);
        } else if ((rest = after(word, "file:"))) {
            store_file(rest);
        } else if ((rest = after(word, "pipe:"))) {
            store_pipe(rest, "a-pipe");
        } else if ((rest = after(word, "unwatched-pipe:"))) {
            store_pipe(rest, "unwatched;FDPOLL=0");
        } else if ((rest = after(word, "ping:"))) {
            ping(rest);
        } else if ((rest = after(word, "flood:"))) {
            flood(atol(rest));
        } else if ((rest = after(word, "complain:"))) {
            dprintf(STDERR_FILENO, "%s\n", rest);
        } else if ((rest = after(word, "exit:"))) {
            return atoi(rest);
        } else if (strcmp(word, "large") == 0) {
            char text[5000];
            memset(text, 'x', sizeof text);
            memcpy(text, "READY=1;STATUS=", 15);
            send_notice(text, sizeof text, -1);
        } else if (strcmp(word, "empty") == 0) {
            send_notice("", 0, -1);
        } else if (strcmp(word, "huge") == 0) {
            send_huge();
        } else if (strcmp(word, "linger") == 0) {
            send_lingering();
        } else if (strcmp(word, "successor") == 0) {
            succeed(0);
        } else if (strcmp(word, "deputy") == 0) {
            succeed(1);
        } else if (strcmp(word, "barrier") == 0) {
            barrier();
        } else if (strcmp(word, "surroundings") == 0) {
            say_surroundings();
        } else if (strcmp(word, "reloads") == 0) {
            reload_for_ever();
        } else {
            return 64;
        }
    }
    wait_for_ever();
}

const struct verb notice_verbs[] = {
    {"notify", notify,
     "WORD...: each in turn, then wait: send:TEXT child:TEXT await:FILE store:NAME twice:NAME "
     "file:FILE pipe:FILE unwatched-pipe:FILE ping:MS:N flood:N exit:N complain:TEXT large huge empty linger successor "
     "deputy barrier surroundings reloads"},
    {NULL, NULL, NULL},
};
