#pragma once

#include <stdint.h>

// epoll(7), signalfd(2), timerfd_create(2), eventfd(2). All descriptors are close-on-exec and non-blocking.

// One ready source: the number it was registered with, and what it is ready for.
struct supd_event {
    uint64_t data;
    uint32_t ready;
};

// The most events that one supd_epoll_wait gives.
enum { SUPD_EVENTS_MAX = 256 };

static const uint32_t supd_readable = 0x001;  // EPOLLIN
static const uint32_t supd_writable = 0x004;  // EPOLLOUT
static const uint32_t supd_failed = 0x008;    // EPOLLERR, never asked for, always told
static const uint32_t supd_hung_up = 0x010;   // EPOLLHUP, never asked for, always told
static const uint32_t supd_one_shot = 0x40000000;  // EPOLLONESHOT

int supd_epoll_create(void);
int supd_epoll_add(int epoll, int descriptor, uint32_t interest, uint64_t data);
int supd_epoll_change(int epoll, int descriptor, uint32_t interest, uint64_t data);
int supd_epoll_remove(int epoll, int descriptor);
// Waits for at most SUPD_EVENTS_MAX events; for ever where timeout_ms is negative.
int supd_epoll_wait(int epoll, struct supd_event *events, int timeout_ms);

// A bit for each signal number, signal 1 at bit 0.
typedef uint64_t supd_signal_set;

// Blocks the signals in the calling thread and in threads it makes from now on.
int supd_signals_block(supd_signal_set signals);
int supd_signal_ignore(int signal);
int supd_signal_default(int signal);
// The real-time signals that the C library keeps for itself, and can neither be blocked nor ignored by way of it (nptl(7)).
static const int supd_first_library_signal = 32;
static const int supd_last_library_signal = 33;
// Ignores those that the library has not given a handler yet; where it needs one later, it sets that all the same.
void supd_library_signals_ignore(void);
// The signals that the process ignores, and that the calling thread blocks.
supd_signal_set supd_signals_ignored(void);
// Notes whether the signals that the C library keeps for itself are ignored. It takes them with the first thread: to be called before.
void supd_library_signals_note(void);
supd_signal_set supd_signals_blocked(void);
int supd_signalfd_create(supd_signal_set signals);
// Reads up to max signals' numbers. 0 where none wait. With leaves_terminals those are left out that a terminal has sent to a whole
// process group.
int supd_signalfd_read(int descriptor, int32_t *numbers, int max, int leaves_terminals);

int supd_timerfd_create(void);
// Sets the timer to a time on CLOCK_MONOTONIC; a deadline of 0 or less disarms it.
int supd_timerfd_set(int descriptor, int64_t deadline_ns);
int supd_timerfd_clear(int descriptor);

int supd_eventfd_create(void);
// May be called from any thread.
int supd_eventfd_post(int descriptor);
int supd_eventfd_clear(int descriptor);
