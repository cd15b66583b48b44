// What a child does with signals and sockets that others hand to it.

#define _GNU_SOURCE
#include "testchild.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Every signal that a process may block, in the order in which they are taken.
static int signals(int count, char **words) {
    long last = number_at(count, words, 0, SIGTERM);
    sigset_t set;
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    say("ready %d", getpid());
    for (;;) {
        int number = sigwaitinfo(&set, NULL);
        if (number < 0) continue;
        say("signal %d", number);
        if (number == last) return 0;
    }
}

enum { FIRST_HANDED = 3 };

// sd_listen_fds(3): how many sockets were handed to this process; none where they are another's.
static int handed_sockets(void) {
    const char *count = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
    if (count == NULL || pid == NULL || strtol(pid, NULL, 10) != getpid()) return 0;
    return (int)strtol(count, NULL, 10);
}

static int is_datagram(int number) {
    int type = 0;
    socklen_t length = sizeof type;
    return getsockopt(number, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_DGRAM;
}

// One line of at most a buffer, without its end; less than 0 where there was none.
static int read_line(int connection, char *line, size_t size) {
    size_t length = 0;
    while (length < size - 1) {
        if (read(connection, line + length, 1) != 1) return -1;
        if (line[length] == '\n') break;
        length++;
    }
    line[length] = 0;
    return 0;
}

static void answer(int connection) {
    char line[256], text[300];
    int length = 0;
    if (read_line(connection, line, sizeof line) == 0) {
        length = snprintf(text, sizeof text, "%d %s\n", getpid(), line);
        if (write(connection, text, (size_t)length) != length) length = 0;
    }
    close(connection);
    // What was accepted is answered: all that the death leaves is what waits.
    if (length > 0 && strcmp(line, "die") == 0) kill(getpid(), SIGKILL);
}

static void repeat_datagram(int socket) {
    char text[256];
    ssize_t length = recv(socket, text, sizeof text - 1, 0);
    if (length < 0) return;
    text[length] = 0;
    say("datagram %s", text);
}

static void serve_socket(int number) {
    for (;;) {
        if (is_datagram(number)) {
            repeat_datagram(number);
            continue;
        }
        int connection = accept(number, NULL, NULL);
        if (connection >= 0) answer(connection);
    }
}

// The first socket is this process's own affair, each other one a child's.
static int serve(int count, char **words) {
    (void)count, (void)words;
    int sockets = handed_sockets();
    if (sockets < 1) {
        fprintf(stderr, "testchild serve: no socket was handed to process %d\n", getpid());
        return 1;
    }
    for (int index = 1; index < sockets; index++)
        if (fork_child() == 0) serve_socket(FIRST_HANDED + index);
    say("ready %d", getpid());
    serve_socket(FIRST_HANDED);
    return 0;
}

// As systemd starts a service that has a socket unit; the program keeps this process's number.
static int hand_over(int count, char **words) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (count < 2 || strlen(words[0]) >= sizeof address.sun_path) return 64;
    strcpy(address.sun_path, words[0]);
    unlink(words[0]);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 16) < 0) return 1;
    if (listener != FIRST_HANDED && dup2(listener, FIRST_HANDED) < 0) return 1;
    char pid[16];
    snprintf(pid, sizeof pid, "%d", getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_FDNAMES", "control", 1);
    // Not of this process alone: alarm(2) goes on over an execve(2).
    alarm(0);
    execv(words[1], words + 1);
    perror(words[1]);
    return 1;
}

const struct verb server_verbs[] = {
    {"signals", signals, "[LAST]: say 'ready PID', then 'signal NUMBER' for each that comes; exit 0 after LAST (SIGTERM)"},
    {"serve", serve, "answer each line of a connection to sockets handed down with 'PID LINE'; 'die': SIGKILL itself then"},
    {"hand-over", hand_over, "PATH PROGRAM [WORD...]: become the program, with a socket bound to the path as its control socket"},
    {NULL, NULL, NULL},
};
