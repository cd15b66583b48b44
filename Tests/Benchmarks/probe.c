// Times one question and its answer many times over, without an interpreter in the way.
//
//   probe socket PATH REQUEST END COUNT MILLISECONDS   one connection to a Unix socket: send the file REQUEST, read up to
//                                                      the text END, or as many bytes as #N says, again
//   probe session PATH FIRST END REQUEST END COUNT MILLISECONDS   the same, after the file FIRST was sent and answered once
//   probe file PATH COUNT MILLISECONDS                 open, read and close a status file, again
//   probe echo PATH                                    the floor of the first: accept once, send back what comes
//   probe keep PROGRAM ARGUMENTS…                      the floor of a restart: wait for the program to end, run it again
//
// Prints nanoseconds, one number a line, of at most COUNT rounds within MILLISECONDS; a tenth as many before them warm up.

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char request[65536], reply[1 << 20];

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static struct sockaddr_un addressOf(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        fprintf(stderr, "%s: longer than a socket's path may be\n", path);
        exit(1);
    }
    strcpy(address.sun_path, path);
    return address;
}

static int connectTo(const char *path) {
    struct sockaddr_un address = addressOf(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct timeval limit = {.tv_sec = 10};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0) fail("socket");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail(path);
    return fd;
}

static void ask(int fd, size_t size, const char *end) {
    if (write(fd, request, size) != (ssize_t)size) fail("write");
    size_t length = 0, tail = strlen(end), whole = end[0] == '#' ? (size_t)atol(end + 1) : 0;
    while (whole ? length < whole : length < tail || memcmp(reply + length - tail, end, tail) != 0) {
        ssize_t got = read(fd, reply + length, sizeof reply - length);
        if (got <= 0) fail("read");
        length += (size_t)got;
    }
}

static size_t readRequest(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, request, sizeof request);
    if (got <= 0) fail(path);
    close(file);
    return (size_t)got;
}

static void readFile(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, reply, sizeof reply) <= 0) fail(path);
    close(fd);
}

static void echo(const char *path) {
    struct sockaddr_un address = addressOf(path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0) fail(path);
    int fd = accept(listener, NULL, NULL);
    ssize_t got;
    while ((got = read(fd, reply, sizeof reply)) > 0)
        if (write(fd, reply, (size_t)got) != got) fail("write");
}

static void keep(char **command) {
    for (;;) {
        pid_t pid = vfork();
        if (pid == 0) {
            execv(command[0], command);
            _exit(127);
        }
        if (pid < 0 || waitpid(pid, NULL, 0) < 0) fail("keep");
    }
}

int main(int count, char **arguments) {
    alarm(60);
    if (count == 3 && strcmp(arguments[1], "echo") == 0) {
        echo(arguments[2]);
        return 0;
    }
    if (count >= 3 && strcmp(arguments[1], "keep") == 0) keep(arguments + 2);
    int session = count == 9 && strcmp(arguments[1], "session") == 0;
    int socketMode = session || (count == 7 && strcmp(arguments[1], "socket") == 0);
    if (!socketMode && !(count == 5 && strcmp(arguments[1], "file") == 0)) return 64;

    int fd = -1;
    size_t size = 0;
    if (socketMode) {
        fd = connectTo(arguments[2]);
        if (session) ask(fd, readRequest(arguments[3]), arguments[4]);
        size = readRequest(arguments[count - 4]);
    }
    long rounds = atol(arguments[count - 2]);
    uint64_t limit = now() + (uint64_t)atol(arguments[count - 1]) * 1000000u;
    uint64_t *taken = calloc((size_t)rounds + 1, sizeof *taken);
    if (taken == NULL) fail("calloc");
    long done = 0;
    for (long round = -(rounds / 10); round < rounds; round++) {
        uint64_t start = now();
        if (start > limit) break;
        if (socketMode) ask(fd, size, arguments[count - 3]);
        else readFile(arguments[2]);
        if (round >= 0) taken[done++] = now() - start;
    }
    for (long index = 0; index < done; index++) printf("%llu\n", (unsigned long long)taken[index]);
    return done > 0 ? 0 : 1;
}
