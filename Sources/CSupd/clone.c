#define _GNU_SOURCE
#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>

#include "raw.h"
#include "spawn_internal.h"

#if defined(__x86_64__) || defined(__aarch64__)

// The C library offers no clone3, and syscall(2) would return in the child on a stack that it did not start on.
static long clone3_call(struct clone_args *arguments, int (*function)(void *), void *argument) {
#if defined(__x86_64__)
    long result;
    register int (*r8)(void *) __asm__("r8") = function;
    register void *r9 __asm__("r9") = argument;
    __asm__ volatile(
        "syscall\n\t"
        "testq %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xorl %%ebp, %%ebp\n\t"  // the outermost frame of this stack
        "movq %%r9, %%rdi\n\t"
        "callq *%%r8\n\t"
        "movl %%eax, %%edi\n\t"
        "movl %[exit], %%eax\n\t"
        "syscall\n\t"
        "hlt\n"
        "1:"
        : "=a"(result)
        : "a"((long)SYS_clone3), "D"(arguments), "S"(sizeof *arguments), "r"(r8), "r"(r9), [exit] "i"(SYS_exit)
        : "rcx", "r11", "memory", "cc");
    return result;
#else
    register long x8 __asm__("x8") = SYS_clone3;
    register long x0 __asm__("x0") = (long)arguments;
    register long x1 __asm__("x1") = sizeof *arguments;
    register long x2 __asm__("x2") = (long)function;
    register long x3 __asm__("x3") = (long)argument;
    __asm__ volatile(
        "svc #0\n\t"
        "cbnz x0, 1f\n\t"
        "mov x29, xzr\n\t"
        "mov x30, xzr\n\t"
        "mov x0, x3\n\t"
        "blr x2\n\t"
        "mov x8, %[exit]\n\t"
        "svc #0\n\t"
        "brk #0\n"
        "1:"
        : "+r"(x0)
        : "r"(x8), "r"(x1), "r"(x2), "r"(x3), [exit] "i"(SYS_exit)
        : "memory", "cc");
    return x0;
#endif
}

long supd_clone3_here(void *stack, size_t stack_size, int (*function)(void *), void *argument, int control_group,
                      int *pidfd, uint32_t *alive) {
    struct clone_args arguments = {
        .flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND | CLONE_VM | CLONE_FILES | CLONE_CHILD_CLEARTID,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .child_tid = (uint64_t)(uintptr_t)alive,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = stack_size,
    };
    if (control_group >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = (uint64_t)control_group;
    }
    return clone3_call(&arguments, function, argument);
}

#else

long supd_clone3_here(void *stack, size_t stack_size, int (*function)(void *), void *argument, int control_group,
                      int *pidfd, uint32_t *alive) {
    (void)stack, (void)stack_size, (void)function, (void)argument, (void)control_group, (void)pidfd, (void)alive;
    return -ENOSYS;
}

#endif
