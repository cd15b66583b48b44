// Children that serve the sockets they were started with (sd_listen_fds(3)).

#define _GNU_SOURCE
#include "testchild.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_SOCKET = 3, LONGEST_LINE = 512 };

// Says the names of the sockets and answers how many there are; 0 where they are for somebody else, or for nobody.
static int take_sockets(void) {
    const char *pid = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");
    const char *names = getenv("LISTEN_FDNAMES");
    if (pid == NULL || count == NULL || strtol(pid, NULL, 10) != getpid()) {
        fprintf(stderr, "LISTEN_PID=%s LISTEN_FDS=%s in %d\n", pid ? pid : "", count ? count : "", getpid());
        return 0;
    }
    int sockets = (int)strtol(count, NULL, 10);
    for (int socket = FIRST_SOCKET; socket < FIRST_SOCKET + sockets; socket++) {
        if (fcntl(socket, F_SETFD, FD_CLOEXEC) < 0) {
            perror("LISTEN_FDS");
            return 0;
        }
    }
    say("names %s", names ? names : "");
    say("ready %d", getpid());
    return sockets;
}

// A line without its newline; what comes without one ends with the connection.
static void read_line(int connection, char *line) {
    size_t length = 0;
    while (length < LONGEST_LINE - 1) {
        ssize_t count = read(connection, line + length, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0 || line[length] == '\n') break;
        length++;
    }
    line[length] = 0;
}

// Whether a call on the socket is to be made once more: somebody else was faster, or a client has left.
static int is_passing(int socket) {
    if (errno == EAGAIN) {
        struct pollfd readable = {.fd = socket, .events = POLLIN};
        poll(&readable, 1, -1);
        return 1;
    }
    return errno == EINTR || errno == ECONNABORTED;
}

// One connection after the other: when it dies by order, none is lost that it had accepted.
static int serve(int count, char **words) {
    (void)count, (void)words;
    if (take_sockets() == 0) return 111;
    for (;;) {
        int connection = accept4(FIRST_SOCKET, NULL, NULL, SOCK_CLOEXEC);
        if (connection < 0) {
            if (is_passing(FIRST_SOCKET)) continue;
            perror("accept4");
            return 111;
        }
        char line[LONGEST_LINE];
        char answer[LONGEST_LINE + 32];
        read_line(connection, line);
        int length = snprintf(answer, sizeof answer, "%d %s\n", getpid(), line);
        // Who does not wait for the answer does not need it.
        (void)!send(connection, answer, (size_t)length, MSG_NOSIGNAL);
        close(connection);
        if (strcmp(line, "die") == 0) kill(getpid(), SIGKILL);
    }
}

static int serve_datagram(int count, char **words) {
    (void)count, (void)words;
    if (take_sockets() == 0) return 111;
    for (;;) {
        char text[LONGEST_LINE];
        char answer[LONGEST_LINE + 32];
        struct sockaddr_storage sender;
        socklen_t size = sizeof sender;
        ssize_t received = recvfrom(FIRST_SOCKET, text, sizeof text - 1, 0, (struct sockaddr *)&sender, &size);
        if (received < 0) {
            if (is_passing(FIRST_SOCKET)) continue;
            perror("recvfrom");
            return 111;
        }
        text[received] = 0;
        int length = snprintf(answer, sizeof answer, "%d %s", getpid(), text);
        (void)!sendto(FIRST_SOCKET, answer, (size_t)length, MSG_NOSIGNAL, (struct sockaddr *)&sender, size);
        if (strcmp(text, "die") == 0) kill(getpid(), SIGKILL);
    }
}

const struct verb socket_verbs[] = {
    {"serve", serve, "say 'names NAMES', 'ready PID'; answer lines with 'PID LINE', one a connection; 'die' kills it"},
    {"serve-datagram", serve_datagram, "the same for datagrams, which have no newline"},
    {NULL, NULL, NULL},
};
