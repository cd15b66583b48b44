// Counts what a thread executes, by running it one instruction at a time (ptrace(2), PTRACE_SINGLESTEP): the same from run to run, however
// busy the machine is. valgrind does not run the daemon: it has no pidfd_open(2), and refuses the forms of clone(2) that supd starts
// programs with.
//
//   step PID        counts from the thread's next wait on (epoll_wait(2)); says "attached" as that begins, and prints when SIGTERM comes,
//                   when the thread waits
//
// To be stopped for a debugger ends the wait that the thread was in, and has it do a turn for nothing: that is not counted, nor is what it does
// when it is let go. What is counted is what was brought about meanwhile, from the return of one wait to the entry of another.
//
// The first line is "instructions N", the second "calls N" (of the system), and then come "ADDRESS COUNT", in hexadecimal and decimal, for
// each instruction that ran. A string instruction counts once a repetition.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

enum { PLACES = 1 << 20 };

static struct place {
    uint64_t address;
    uint64_t count;
    int is_call;
} places[PLACES];

static volatile sig_atomic_t is_over;

static void over(int number) {
    (void)number;
    is_over = 1;
}

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "step: %s: %s\n", what, strerror(errno));
    exit(1);
}

static struct place *place_of(pid_t thread, uint64_t address) {
    uint64_t index = (address * 0x9E3779B97F4A7C15ULL) >> 44;
    while (places[index].address != address) {
        if (places[index].address == 0) {
            places[index].address = address;
            errno = 0;
            long word = ptrace(PTRACE_PEEKTEXT, thread, (void *)address, NULL);
            places[index].is_call = errno == 0 && (word & 0xFFFF) == 0x050F;
            break;
        }
        index = (index + 1) % PLACES;
    }
    return &places[index];
}

static uint64_t user_register(pid_t thread, size_t offset) {
    return (uint64_t)ptrace(PTRACE_PEEKUSER, thread, (void *)offset, NULL);
}

// Whether the call that the thread is about to make is the wait of its loop.
static int is_wait(pid_t thread) {
    uint64_t number = user_register(thread, offsetof(struct user_regs_struct, rax));
    return number == SYS_epoll_wait || number == SYS_epoll_pwait;
}

int main(int count, char **words) {
    if (count != 2) {
        fprintf(stderr, "usage: step PID\n");
        return 2;
    }
    struct sigaction action = {.sa_handler = over};
    sigaction(SIGTERM, &action, NULL);
    pid_t thread = atoi(words[1]);
    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) != 0) fail("this process cannot be traced");
    if (ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) != 0) fail("it cannot be stopped");
    uint64_t instructions = 0, calls = 0;
    int has_begun = 0;
    for (;;) {
        int status;
        if (waitpid(thread, &status, __WALL) < 0) {
            if (errno != EINTR) fail("waitpid");
            ptrace(PTRACE_INTERRUPT, thread, NULL, NULL);
            continue;
        }
        if (!WIFSTOPPED(status)) break;
        // Stopped by the interruption it still owes the trap of its last step, which would end it once nobody traces it.
        if (is_over && status >> 16 == 0) {
            ptrace(PTRACE_DETACH, thread, NULL, NULL);
            break;
        }
        struct place *place = place_of(thread, user_register(thread, offsetof(struct user_regs_struct, rip)));
        if (has_begun && !is_over) {
            place->count++;
            instructions++;
            calls += place->is_call;
        }
        // Stops that are ptrace's own are no signals for the process.
        int number = status >> 16 != 0 || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
        int begins = !has_begun && place->is_call && is_wait(thread);
        ptrace(PTRACE_SINGLESTEP, thread, NULL, (void *)(intptr_t)number);
        if (begins) {
            has_begun = 1;
            printf("attached\n");
            fflush(stdout);
        }
    }
    printf("instructions %lu\ncalls %lu\n", instructions, calls);
    for (int index = 0; index < PLACES; index++) {
        if (places[index].count > 0) printf("%lx %lu\n", places[index].address, places[index].count);
    }
    return 0;
}
