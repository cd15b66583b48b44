// What the programs do without before their main. The linker puts these in the place of others, with `--wrap=NAME` of each: the first of them in supd, all
// in supctl, which is linked statically and uses neither backtraces, nor libraries that it opens, nor Dispatch.

// Before main, Swift's runtime looks for its program swift-backtrace beside the one that runs (stdlib/public/runtime/Backtrace.cpp). In a static
// program it finds that by /proc/self/exe, and aborts where it cannot be read. There is none beside a program that was installed, so nothing
// is lost by not looking: whoever wants one names it, with SWIFT_BACKTRACE=swift-backtrace=PATH. In supd it was eight looks at folders, and one through
// all of the program's symbols.
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name);
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name) {
    (void)name;
    return 0;
}

// glibc reads the link /proc/self/exe for what $ORIGIN means in the names of libraries that are opened later (elf/dl-support.c), for which
// the kernel makes the process's folder in /proc: 15 microseconds. -1 is its word for a place that is not known.
const char *__wrap__dl_get_origin(void);
const char *__wrap__dl_get_origin(void) { return (const char *)-1; }

// Dispatch asks how many processors there are, by three files and calls, for queues that nobody has: it is linked because the types of
// asynchronous functions are. A program that has one must not be linked with this.
void __wrap_libdispatch_init(void);
void __wrap_libdispatch_init(void) {}
