#define _GNU_SOURCE
#include "supd_events.h"

#include "raw.h"
#include "supd_deadline.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

_Static_assert(EPOLLIN == 0x001 && EPOLLOUT == 0x004 && EPOLLERR == 0x008 && EPOLLHUP == 0x010, "epoll's bits");
_Static_assert((uint32_t)EPOLLONESHOT == 0x40000000u, "epoll's bits");

static inline int result(int value) { return value < 0 ? -errno : value; }

int supd_epoll_create(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int epoll, int operation, int descriptor, uint32_t interest, uint64_t data) {
    struct epoll_event event = {.events = interest, .data.u64 = data};
    return result(epoll_ctl(epoll, operation, descriptor, &event));
}

int supd_epoll_add(int epoll, int descriptor, uint32_t interest, uint64_t data) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, interest, data);
}

int supd_epoll_change(int epoll, int descriptor, uint32_t interest, uint64_t data) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, interest, data);
}

int supd_epoll_remove(int epoll, int descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int supd_epoll_wait(int epoll, struct supd_event *events, int timeout_ms) {
    // struct epoll_event is packed on some machines, so it does not cross into Swift.
    struct epoll_event ready[SUPD_EVENTS_MAX];
    // Past the C library, which has each such call ready to be cancelled (pthread_cancel(3)): nobody does that here, and it takes longer
    // than all else of it.
    int count = (int)RAW5(SYS_epoll_pwait, epoll, ready, SUPD_EVENTS_MAX, timeout_ms, 0);
    for (int index = 0; index < count; index++) {
        events[index].data = ready[index].data.u64;
        events[index].ready = ready[index].events;
    }
    return count;
}

static sigset_t set_of(supd_signal_set signals) {
    sigset_t set;
    sigemptyset(&set);
    for (int number = 1; number <= 64; number++) {
        if (signals >> (number - 1) & 1) sigaddset(&set, number);
    }
    return set;
}

int supd_signals_block(supd_signal_set signals) {
    sigset_t set = set_of(signals);
    return -pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int supd_signal_ignore(int signal) {
    struct sigaction action = {.sa_handler = SIG_IGN};
    return result(sigaction(signal, &action, NULL));
}

int supd_signal_default(int signal) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    return result(sigaction(signal, &action, NULL));
}

void supd_library_signals_ignore(void) {
    // The kernel's struct sigaction begins with the handler on every machine that Swift runs on.
    struct {
        void (*handler)(int);
        uint64_t rest[3];
    } action;
    for (int number = supd_first_library_signal; number <= supd_last_library_signal; number++) {
        if (RAW4(SYS_rt_sigaction, number, 0, &action, sizeof(uint64_t)) < 0 || action.handler != SIG_DFL) continue;
        action.handler = SIG_IGN;
        RAW4(SYS_rt_sigaction, number, &action, 0, sizeof(uint64_t));
    }
}

// What SIGCANCEL and SIGSETXID of the C library's were before it took them.
static supd_signal_set taken;

void supd_library_signals_note(void) { taken = supd_signals_ignored() & (supd_signal_set)3 << (supd_first_library_signal - 1); }

supd_signal_set supd_signals_ignored(void) {
    supd_signal_set set = taken;
    for (int number = 1; number <= 64; number++) {
        // By the kernel's own call: the C library tells nothing of the signals that it keeps for itself.
        struct {
            void (*handler)(int);
            uint64_t rest[3];
        } action;
        if (RAW4(SYS_rt_sigaction, number, 0, &action, sizeof(uint64_t)) < 0) continue;
        if (action.handler == SIG_IGN) set |= (supd_signal_set)1 << (number - 1);
    }
    return set;
}

supd_signal_set supd_signals_blocked(void) {
    uint64_t set = 0;
    RAW4(SYS_rt_sigprocmask, SIG_BLOCK, 0, &set, sizeof set);
    return set;
}

int supd_signalfd_create(supd_signal_set signals) {
    sigset_t set = set_of(signals);
    return result(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

// What a terminal sends to each process of its foreground's group by itself (termios(3), ISIG; tty_ioctl(4)).
static int is_of_terminal(int number) {
    return number == SIGINT || number == SIGQUIT || number == SIGTSTP || number == SIGHUP || number == SIGWINCH;
}

int supd_signalfd_read(int descriptor, int32_t *numbers, int max, int leaves_terminals) {
    struct signalfd_siginfo records[16];
    if (max > 16) max = 16;
    ssize_t bytes = read(descriptor, records, sizeof records[0] * (size_t)max);
    if (bytes < 0) return errno == EAGAIN ? 0 : -errno;
    int total = (int)((size_t)bytes / sizeof records[0]);
    int count = 0;
    for (int index = 0; index < total; index++) {
        int number = (int)records[index].ssi_signo;
        // Of a write of its own the process hears by the error of that write.
        if ((number == SIGPIPE || number == SIGXFSZ) && (pid_t)records[index].ssi_pid == getpid()) continue;
        if (leaves_terminals && records[index].ssi_code == SI_KERNEL && is_of_terminal(number)) continue;
        // One that the keeper of deadlines has passed on was noted by it.
        if (records[index].ssi_code != SI_TKILL) supd_deadline_note_signal(number);
        numbers[count++] = number;
    }
    return count;
}

int supd_timerfd_create(void) { return result(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)); }

int supd_timerfd_set(int descriptor, int64_t deadline_ns) {
    struct itimerspec value;
    memset(&value, 0, sizeof value);
    if (deadline_ns > 0) {
        value.it_value.tv_sec = deadline_ns / 1000000000;
        value.it_value.tv_nsec = deadline_ns % 1000000000;
    }
    return result(timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &value, NULL));
}

static int clear(int descriptor) {
    uint64_t count;
    if (read(descriptor, &count, sizeof count) < 0) return errno == EAGAIN ? 0 : -errno;
    return 1;
}

int supd_timerfd_clear(int descriptor) { return clear(descriptor); }

int supd_eventfd_create(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

int supd_eventfd_post(int descriptor) {
    uint64_t one = 1;
    // EAGAIN: the counter is at its end, so the reader is awake already.
    if (write(descriptor, &one, sizeof one) < 0) return errno == EAGAIN ? 0 : -errno;
    return 0;
}

int supd_eventfd_clear(int descriptor) { return clear(descriptor); }
