#define _GNU_SOURCE
#include "deadline_internal.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Two threads. The keeper sleeps until there is a signal or a deadline, does what cannot hang, and ends the process. The teller does
// the rest of the end, and may hang in it: the keeper waits for it no longer than `telling_ns`, or `forced_telling_ns`.
//
// Nothing here allocates, opens a descriptor before the end, or takes a lock that another thread could hold; what is not touched
// before there is a shutdown takes no memory either.

enum { STACK = 64 * 1024, SPARE_MEMORY = 2 * 1024 * 1024 };
static const int64_t telling_ns = 400 * 1000000;
// Where the end is forced, half a second is all there is.
static const int64_t forced_telling_ns = 60 * 1000000;

static struct supd_deadline_orders orders;
static _Atomic int is_started;
static pid_t loop_thread;
static _Atomic pid_t keeper_thread;
static sigset_t awaited;
// Wakes the keeper, sent to it alone.
static int wake_signal;

static _Atomic int64_t deadline;
static _Atomic int has_come;
// Two, so that one is whole at any moment; which of them, or -1 for none.
static struct deadline_report reports[2];
static _Atomic int current = -1;
static struct deadline_report made_up;

// What the first order leaves; the configuration says it, and may be another one meanwhile.
static _Atomic int64_t first_order_leaves;
static _Atomic int64_t first_order_at;
static _Atomic int order_count;
static _Atomic int last_order;
static _Atomic int is_forced;
static _Atomic int fault;
// Said before the report where there was a fault.
static char note[128];

static const struct deadline_report *told;
// The teller waits for 1, and says 2 once it is done.
static _Atomic int telling;
// Address space that the shutdown may use where there is no more to be had.
static void *spare_memory;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static struct timespec duration(int64_t ns) {
    if (ns < 0) ns = 0;
    return (struct timespec){.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
}

static void futex_wait(_Atomic int *word, int value, const struct timespec *timeout) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout, NULL, 0);
}

static void futex_wake(_Atomic int *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0); }

static void wake_keeper(void) {
    pid_t thread = atomic_load(&keeper_thread);
    if (thread != 0) syscall(SYS_tgkill, getpid(), thread, wake_signal);
}

static void give_up_spare_memory(void) {
    void *memory = __atomic_exchange_n(&spare_memory, NULL, __ATOMIC_ACQ_REL);
    if (memory != NULL) munmap(memory, SPARE_MEMORY);
}

// As the daemon's log names it, without its SIG.
static void name_signal(int signal, char *name, size_t size) {
    const char *known = sigabbrev_np(signal);
    if (known != NULL) {
        snprintf(name, size, "%s", known);
    } else {
        snprintf(name, size, "RTMIN+%d", signal - SIGRTMIN);
    }
}

// Milliseconds since 1970 as 2026-01-31T12:00:00.000Z. gmtime(3) takes a lock.
static void write_time(int64_t milliseconds, char *text, size_t size) {
    int64_t seconds = milliseconds / 1000;
    // Days since 0000-03-01: so a leap day is the last of its year, and 400 years have the same number of days.
    int64_t days = seconds / 86400 + 719468;
    int64_t era = days / 146097, day = days % 146097;
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t of_year = day - (365 * year + year / 4 - year / 100);
    int64_t shifted = (5 * of_year + 2) / 153;
    int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    snprintf(
        text, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (int)(year + era * 400 + (month <= 2)), month,
        (int)(of_year - (153 * shifted + 2) / 5 + 1), (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60), (int)(seconds % 60),
        (int)(milliseconds % 1000));
}

// What the loop never wrote down: that it was told to stop, and did not answer. The members are those of the usual report.
static const struct deadline_report *make_up(void) {
    char time[48];
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    int64_t first = atomic_load(&first_order_at);
    int64_t took = first == 0 ? 0 : now() - first;
    write_time((int64_t)wall.tv_sec * 1000 + wall.tv_nsec / 1000000 - took / 1000000, time, sizeof time);
    made_up.code = atomic_load(&is_forced) ? 77 : deadline_end_has_processes() ? 76 : 75;
    char name[16];
    name_signal(atomic_load(&last_order), name, sizeof name);
    int milliseconds = (int)(took / 1000000 % 1000);
    long long whole = (long long)(took / 1000000000);
    made_up.line_size = (size_t)snprintf(
        made_up.line, sizeof made_up.line,
        "%s error Shut down after %lld.%03d s (SIG%s): supd's loop did not answer, so what it supervised was killed\n", time, whole,
        milliseconds, name);
    made_up.report_size = (size_t)snprintf(
        made_up.report, sizeof made_up.report,
        "{\"cause\":\"SIG%s\",\"started_at\":\"%s\",\"duration\":%lld.%03d,\"exit_code\":%d,\"phases\":[],\"tasks\":{\"completed\":0,"
        "\"cancelled\":0,\"abandoned\":[{\"name\":\"event loop\",\"kind\":\"service\",\"phase\":\"announce\",\"age\":%lld.%03d,"
        "\"registered_at\":\"supd\"}]},\"services\":{\"stopped\":[],\"killed\":[],\"cut_short\":[],\"abandoned\":[]},\"hooks_failed\":[]}\n",
        name, time, whole, milliseconds, made_up.code, whole, milliseconds);
    return &made_up;
}

// What the loop wrote down before a signal forced the end that it never took.
static void force(struct deadline_report *report) {
    if (report->code != 75 && report->code != 76) return;
    report->code = 77;
    const char key[] = "\"exit_code\":7";
    char *place = memmem(report->report, report->report_size, key, sizeof key - 1);
    if (place != NULL && place + sizeof key <= report->report + report->report_size) place[sizeof key - 1] = '7';
}

static const struct deadline_report *last_report(void) {
    int index = atomic_load(&current);
    if (index < 0) return make_up();
    if (atomic_load(&is_forced)) force(&reports[index]);
    return &reports[index];
}

static void *tell(void *unused) {
    (void)unused;
    while (atomic_load(&telling) != 1) futex_wait(&telling, 0, NULL);
    deadline_end_aside(note, told);
    atomic_store(&telling, 2);
    futex_wake(&telling);
    return NULL;
}

static _Noreturn void end(void) {
    atomic_store(&has_come, 1);
    const struct deadline_report *report = last_report();
    told = report;
    int signal = atomic_load(&fault);
    if (signal != 0) {
        char name[16];
        name_signal(signal, name, sizeof name);
        snprintf(note, sizeof note, "supd: SIG%s in the middle of the shutdown, which ends here\n", name);
    }
    int64_t until = now() + (atomic_load(&is_forced) ? forced_telling_ns : telling_ns);
    atomic_store(&telling, 1);
    futex_wake(&telling);
    deadline_end_at_once(note, report);
    for (int64_t left; atomic_load(&telling) == 1 && (left = until - now()) > 0;) {
        struct timespec timeout = duration(left);
        futex_wait(&telling, 1, &timeout);
    }
    // exit_group(2): a thread that sleeps where nothing wakes it (state D) is not waited for by anybody here, but the kernel keeps
    // the process until that one has come out.
    _exit(report->code);
}

static void *keep(void *unused) {
    (void)unused;
    atomic_store(&keeper_thread, (pid_t)syscall(SYS_gettid));
    pid_t process = getpid();
    for (;;) {
        int64_t until = atomic_load(&deadline);
        int64_t left = until - now();
        if (until != 0 && left <= 0) end();
        struct timespec timeout = duration(left);
        siginfo_t info;
        // The system call and not its wrapper, which does not tell tgkill(2) from kill(2).
        int signal =
            (int)syscall(SYS_rt_sigtimedwait, &awaited, &info, until == 0 ? NULL : &timeout, sizeof(uint64_t));
        if (signal <= 0 || (info.si_code == SI_TKILL && info.si_pid == process)) continue;
        supd_deadline_note_signal(signal);
        // To the loop's thread, which finds it as any other.
        syscall(SYS_tgkill, process, loop_thread, signal);
    }
}

static const int fault_signals[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
enum { FAULTS = sizeof fault_signals / sizeof fault_signals[0] };
// Who handled them before: the Swift runtime, which prints where it was.
static struct sigaction handled_before[FAULTS];

// A fault in the middle of a shutdown, want of memory among them: what it had still to do can be done here.
static void take_fault(int signal) {
    if (atomic_load(&deadline) != 0) {
        atomic_store(&fault, signal);
        atomic_store(&deadline, 1);
        wake_keeper();
        for (;;) pause();
    }
    for (int index = 0; index < FAULTS; index++) {
        if (fault_signals[index] == signal) sigaction(signal, &handled_before[index], NULL);
    }
    // Told again once this handler has returned, as if it had never been.
    syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), signal);
}

static void watch_faults(void) {
    for (int index = 0; index < FAULTS; index++) {
        struct sigaction action = {.sa_handler = take_fault};
        sigfillset(&action.sa_mask);
        sigaction(fault_signals[index], &action, &handled_before[index]);
    }
}

static int make_thread(void *(*body)(void *)) {
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    int error = pthread_attr_init(&attributes);
    if (error != 0) return -error;
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attributes, body, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

int supd_deadline_start(const struct supd_deadline_orders *given, int output) {
    if (atomic_load(&is_started)) return 0;
    orders = *given;
    atomic_store(&first_order_leaves, orders.first_ns);
    loop_thread = (pid_t)syscall(SYS_gettid);
    wake_signal = SIGRTMAX;
    sigemptyset(&awaited);
    sigaddset(&awaited, wake_signal);
    for (int number = 1; number <= 64; number++) {
        if (orders.signals >> (number - 1) & 1) sigaddset(&awaited, number);
    }
    deadline_end_prepare(output);
    // Of the address space alone: nothing is ever in it.
    void *memory = mmap(NULL, SPARE_MEMORY, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED) spare_memory = memory;
    atomic_store(&is_started, 1);
    int error = make_thread(tell);
    if (error == 0) error = make_thread(keep);
    if (error != 0) {
        atomic_store(&is_started, 0);
        return error;
    }
    watch_faults();
    return 0;
}

// An earlier deadline stays.
static void propose(int64_t proposed) {
    int64_t before = atomic_load(&deadline);
    while ((before == 0 || before > proposed) && !atomic_compare_exchange_weak(&deadline, &before, proposed)) {}
    wake_keeper();
}

void supd_deadline_note_signal(int signal) {
    if (!atomic_load(&is_started) || signal < 1 || signal > 64) return;
    if ((orders.signals >> (signal - 1) & 1) == 0) return;
    give_up_spare_memory();
    atomic_store(&last_order, signal);
    int64_t time = now();
    int64_t first = 0;
    int is_first = atomic_compare_exchange_strong(&first_order_at, &first, time);
    if (is_first) {
        int64_t leaves = atomic_load(&first_order_leaves);
        return propose(leaves > INT64_MAX - time ? INT64_MAX : time + leaves);
    }
    if (time - first < orders.apart_ns) return;
    if (atomic_fetch_add(&order_count, 1) == 0) return propose(time + orders.second_ns);
    atomic_store(&is_forced, 1);
    propose(time + orders.third_ns);
}

void supd_deadline_set_first(int64_t first_ns) { atomic_store(&first_order_leaves, first_ns); }

static size_t fill(char *to, size_t room, const void *from, size_t size) {
    if (size > room) size = room;
    memcpy(to, from, size);
    return size;
}

void supd_deadline_set(
    int64_t deadline_ns, int code, const void *line, size_t line_size, const void *report, size_t report_size) {
    if (!atomic_load(&is_started) || atomic_load(&has_come)) return;
    if (deadline_ns == 0) {
        atomic_store(&first_order_at, 0);
        atomic_store(&order_count, 0);
        atomic_store(&is_forced, 0);
        atomic_store(&current, -1);
    } else {
        give_up_spare_memory();
        int next = atomic_load(&current) == 0 ? 1 : 0;
        reports[next].code = code;
        reports[next].line_size = fill(reports[next].line, sizeof reports[next].line, line, line_size);
        reports[next].report_size = fill(reports[next].report, sizeof reports[next].report, report, report_size);
        atomic_store(&current, next);
    }
    // A fault has set it for good.
    if (atomic_load(&fault) == 0 && atomic_exchange(&deadline, deadline_ns) != deadline_ns) wake_keeper();
}
