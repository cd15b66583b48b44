// Descriptors that are sent to whom has not asked for any.

#define _GNU_SOURCE
#include "testchild.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int lingering_socket(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 1) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        _exit(111);
    int sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct linger linger = {.l_onoff = 1, .l_linger = 60};
    if (connect(sender, (struct sockaddr *)&address, length) < 0 ||
        setsockopt(sender, SOL_SOCKET, SO_LINGER, &linger, sizeof linger) < 0)
        _exit(111);
    static char block[65536];
    while (send(sender, block, sizeof block, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {}
    return sender;
}

static int send_with(int socket, const char *text, int descriptor) {
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof descriptor)}};
    memcpy(CMSG_DATA(&control.header), &descriptor, sizeof descriptor);
    struct iovec part = {.iov_base = (void *)text, .iov_len = strlen(text)};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int lingering_client(int count, char **words) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (count < 2 || strlen(words[0]) >= sizeof address.sun_path) return 64;
    strcpy(address.sun_path, words[0]);
    int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(client, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("connect");
        return 111;
    }
    if (words[1][0] != 0 && send(client, words[1], strlen(words[1]), MSG_NOSIGNAL) < 0) return 111;
    // Whoever has it open last waits, but for one that exits.
    pid_t child = fork_child();
    if (child == 0) {
        int error = send_with(client, "{}\n", lingering_socket());
        if (error < 0) say("refused: %s", strerror(-error));
        _exit(0);
    }
    waitpid(child, NULL, 0);
    shutdown(client, SHUT_WR);
    if (count > 2) return 0;
    char reply[4096];
    for (;;) {
        ssize_t length = read(client, reply, sizeof reply);
        if (length <= 0) return 0;
        if (write(1, reply, (size_t)length) < 0) return 111;
    }
}

const struct verb descriptor_verbs[] = {
    {"lingering-client", lingering_client,
     "SOCKET TEXT [leave]: sends TEXT, and a connection whose close(2) waits a minute for a peer that never reads; shows what it is told until "
     "the end, or leaves"},
    {NULL, NULL, NULL},
};
