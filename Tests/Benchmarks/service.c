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
// one in a session of its own. Grandchildren ignore what the service ignores, and do not hold LIFE. `l` and `b` write to standard
// output as fast as that goes, lines of 100 bytes in a write each or 655 of them in a write, half a second after the report, and
// report when they begin and when they have done.
//
// There is no C library in it. glibc asks the processor for its features before `main`, and on a virtual machine each
// of those questions traps to the hypervisor: 0.7 ms a start, more than any supervisor needs for its part.

#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/time.h>
#include <linux/types.h>
#include <asm/signal.h>
#include <asm/unistd.h>

// Nothing here outlives a benchmark that was killed: every process ends by itself after so many seconds.
enum { LIFETIME = 900 };

enum kind { LAUNCH = 0, SERVICE = 1, SAME_GROUP = 2, OWN_SESSION = 3, BEGINS = 4, ENDS = 5 };

enum { LINE = 100, LINES_IN_BLOCK = 655, LINES = 3000000, LINES_OF_BLOCKS = 12000000 };

struct stamp {
    __u64 nanoseconds;  // CLOCK_MONOTONIC
    __s32 pid;
    __s32 index;
    __s32 kind;
    __s32 unused;
};

#if defined(__x86_64__)
static long call(long number, long a, long b, long c, long d, long e) {
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
    return result;
}
__asm__(".globl _start\n_start: xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call begin\n");
#elif defined(__aarch64__)
static long call(long number, long a, long b, long c, long d, long e) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}
__asm__(".globl _start\n_start: mov x29,#0\n mov x0,sp\n bl begin\n");
#else
#error "service.c knows the system calls of x86_64 and aarch64 only"
#endif

// The numbers that both have; poll, alarm and fork are x86's own.
#define CALL(name, ...) CALL_(name, ##__VA_ARGS__, 0, 0, 0, 0, 0)
#define CALL_(name, a, b, c, d, e, ...) call(__NR_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

__attribute__((noreturn)) static void leave(int status) {
    for (;;) CALL(exit_group, status);
}

static int same(const char *one, const char *other) {
    while (*one != 0 && *one == *other) one++, other++;
    return *one == *other;
}

static int has(const char *letters, char letter) {
    while (*letters != 0 && *letters != letter) letters++;
    return *letters != 0;
}

static int number(const char *digits) {
    int value = 0;
    while (*digits >= '0' && *digits <= '9') value = value * 10 + (*digits++ - '0');
    return value;
}

static const char *variable(char **environment, const char *name) {
    for (; *environment != 0; environment++) {
        const char *entry = *environment, *wanted = name;
        while (*wanted != 0 && *entry == *wanted) entry++, wanted++;
        if (*wanted == 0 && *entry == '=') return entry + 1;
    }
    return 0;
}

static __u64 now(void) {
    struct __kernel_timespec time;
    CALL(clock_gettime, 1 /* CLOCK_MONOTONIC */, &time);
    return (__u64)time.tv_sec * 1000000000u + (__u64)time.tv_nsec;
}

static int openForWriting(const char *fifo) {
    // O_NONBLOCK: without a reader the open fails instead of waiting for one that is dead.
    long fd = CALL(openat, AT_FDCWD, fifo, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) leave(74);
    return (int)fd;
}

static void report(const char *fifo, __u64 nanoseconds, enum kind kind, int index) {
    int fd = openForWriting(fifo);
    struct stamp stamp = {nanoseconds, (__s32)CALL(getpid), index, kind, 0};
    if (CALL(write, fd, &stamp, sizeof stamp) != sizeof stamp) leave(74);
    CALL(close, fd);
}

__attribute__((noreturn)) static void waitForSignal(void) {
    struct __kernel_timespec lifetime = {LIFETIME, 0};
    CALL(ppoll, 0, 0, &lifetime, 0, 0);
    leave(0);
}

static void grandchild(const char *fifo, enum kind kind, int index) {
    if (CALL(clone, SIGCHLD) != 0) return;
    if (kind == OWN_SESSION) CALL(setsid);
    report(fifo, now(), kind, index);
    waitForSignal();
}

static char block[LINE * LINES_IN_BLOCK];

static void writeLines(const char *fifo, int lines, int at_once, int index) {
    struct __kernel_timespec half = {0, 500000000};
    for (int byte = 0; byte < LINE * LINES_IN_BLOCK; byte++) block[byte] = byte % LINE == LINE - 1 ? '\n' : 'x';
    CALL(ppoll, 0, 0, &half, 0, 0);
    report(fifo, now(), BEGINS, index);
    for (; lines > 0; lines -= at_once)
        if (CALL(write, 1, block, LINE * at_once) != LINE * at_once) leave(74);
    report(fifo, now(), ENDS, index);
}

// The stack as the kernel leaves it: the count, the arguments, a null, the environment, a null.
__attribute__((noreturn, used)) void begin(long *stack) {
    __u64 start = now();
    long count = stack[0];
    char **arguments = (char **)(stack + 1), **environment = arguments + count + 1;
    const char *stamps, *life, *mode;
    int index;

    if (count >= 4 && same(arguments[1], "--launch")) {
        // The supervisor is told to end when the benchmark is gone; the flag survives the exec.
        CALL(prctl, PR_SET_PDEATHSIG, SIGTERM);
        report(arguments[2], now(), LAUNCH, 0);
        CALL(execve, arguments[3], arguments + 3, environment);
        leave(127);
    }
    if (count >= 4) {
        stamps = arguments[1];
        life = arguments[2];
        index = number(arguments[3]);
        mode = count > 4 ? arguments[4] : "";
    } else {
        char folder[4096];
        const char *name = folder;
        if (CALL(getcwd, folder, sizeof folder) < 0) leave(71);
        for (const char *at = folder; *at != 0; at++)
            if (*at == '/') name = at + 1;
        stamps = variable(environment, "BENCH_STAMPS");
        life = variable(environment, "BENCH_LIFE");
        mode = variable(environment, "BENCH_MODE");
        index = number(name + 1);
        if (stamps == 0 || life == 0) leave(64);
        if (mode == 0) mode = "";
    }

    if (has(mode, 'i')) {
        // The kernel's own layout: handler, flags, restorer, mask.
        long ignore[4] = {(long)SIG_IGN, 0, 0, 0};
        CALL(rt_sigaction, SIGTERM, ignore, 0, 8);
    }
    if (has(mode, 'g')) grandchild(stamps, SAME_GROUP, index);
    if (has(mode, 'o')) grandchild(stamps, OWN_SESSION, index);
    openForWriting(life);
    report(stamps, start, SERVICE, index);
    if (has(mode, 'l')) writeLines(stamps, LINES, 1, index);
    if (has(mode, 'b')) writeLines(stamps, LINES_OF_BLOCKS, LINES_IN_BLOCK, index);
    waitForSignal();
}
