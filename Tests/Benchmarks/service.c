// The program that every supervisor supervises here, and the launcher that starts the supervisors.
//
//   service STAMPS LIFE INDEX [MODE]   a service: report, then wait for a signal
//   run                                the same, with STAMPS, LIFE and MODE from BENCH_STAMPS, BENCH_LIFE and
//                                      BENCH_MODE and the index from its folder's name (s6 and runit start ./run)
//   service --launch STAMPS PROGRAM…   report the moment, then exec PROGRAM: what comes after is the program's own time
//
// A report is one `struct stamp`, written to the FIFO STAMPS; it is shorter than PIPE_BUF, so that reports never mix.
// A service keeps the FIFO LIFE open for writing: when its reader sees the end of file, the last service is gone.
//
// MODE is a string of letters: `i` ignores SIGTERM; `g` starts a grandchild in the service's process group; `o` starts
// one in a session of its own. Grandchildren ignore what the service ignores, and do not hold LIFE.

#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

// Nothing here outlives a benchmark that was killed: every process ends by itself after so many seconds.
enum { LIFETIME = 900 };

enum kind { LAUNCH = 0, SERVICE = 1, SAME_GROUP = 2, OWN_SESSION = 3 };

struct stamp {
    uint64_t nanoseconds;  // CLOCK_MONOTONIC
    int32_t pid;
    int32_t index;
    int32_t kind;
    int32_t unused;
};

static void report(const char *fifo, uint64_t nanoseconds, enum kind kind, int index) {
    // O_NONBLOCK: without a reader the open fails instead of waiting for one that is dead.
    int fd = open(fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) _exit(74);
    struct stamp stamp = {nanoseconds, getpid(), index, kind, 0};
    if (write(fd, &stamp, sizeof stamp) != sizeof stamp) _exit(74);
    close(fd);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void waitForSignal(void) {
    alarm(LIFETIME);
    for (;;) pause();
}

static void grandchild(const char *fifo, enum kind kind, int index) {
    if (fork() != 0) return;
    if (kind == OWN_SESSION) setsid();
    report(fifo, now(), kind, index);
    waitForSignal();
}

int main(int count, char **arguments) {
    uint64_t start = now();
    const char *stamps, *life, *mode;
    int index;

    if (count >= 4 && strcmp(arguments[1], "--launch") == 0) {
        // The supervisor is told to end when the benchmark is gone; the flag survives the exec.
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        report(arguments[2], now(), LAUNCH, 0);
        execv(arguments[3], arguments + 3);
        return 127;
    }
    if (count >= 4) {
        stamps = arguments[1];
        life = arguments[2];
        index = atoi(arguments[3]);
        mode = count > 4 ? arguments[4] : "";
    } else {
        static char folder[4096];
        if (getcwd(folder, sizeof folder) == NULL) return 71;
        stamps = getenv("BENCH_STAMPS");
        life = getenv("BENCH_LIFE");
        mode = getenv("BENCH_MODE");
        index = atoi(basename(folder) + 1);
        if (stamps == NULL || life == NULL) return 64;
        if (mode == NULL) mode = "";
    }

    if (strchr(mode, 'i') != NULL) signal(SIGTERM, SIG_IGN);
    if (strchr(mode, 'g') != NULL) grandchild(stamps, SAME_GROUP, index);
    if (strchr(mode, 'o') != NULL) grandchild(stamps, OWN_SESSION, index);
    if (open(life, O_WRONLY | O_NONBLOCK | O_CLOEXEC) < 0) return 74;
    report(stamps, start, SERVICE, index);
    waitForSignal();
}
