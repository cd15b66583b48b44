#pragma once

// System calls without the C library: between clone and exec the child lives in its parent's memory, where the
// library's wrappers would write the parent's errno, and where setuid(2) and its kin would be told to all of the
// parent's threads (nptl(7)).

#include <sys/syscall.h>

#if defined(__x86_64__)

static inline long raw_call(long number, long a, long b, long c, long d, long e) {
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

#elif defined(__aarch64__)

static inline long raw_call(long number, long a, long b, long c, long d, long e) {
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}

#else

#include <errno.h>
#include <unistd.h>

// Other machines take the fork fallback (see clone.c), whose child has memory and errno of its own.
static inline long raw_call(long number, long a, long b, long c, long d, long e) {
    long result = syscall(number, a, b, c, d, e);
    return result < 0 ? -errno : result;
}

#endif

#define RAW0(n) raw_call(n, 0, 0, 0, 0, 0)
#define RAW1(n, a) raw_call(n, (long)(a), 0, 0, 0, 0)
#define RAW2(n, a, b) raw_call(n, (long)(a), (long)(b), 0, 0, 0)
#define RAW3(n, a, b, c) raw_call(n, (long)(a), (long)(b), (long)(c), 0, 0)
#define RAW4(n, a, b, c, d) raw_call(n, (long)(a), (long)(b), (long)(c), (long)(d), 0)
#define RAW5(n, a, b, c, d, e) raw_call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
