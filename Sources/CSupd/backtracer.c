// For programs that are linked statically, with `--wrap=swift_copyAuxiliaryExecutablePath`.
//
// Before main, Swift's runtime looks for its program swift-backtrace beside the one that runs (stdlib/public/runtime/Backtrace.cpp). In a static
// program it finds that by /proc/self/exe, and aborts where it cannot be read. There is none beside a program that was installed, so nothing
// is lost by not looking: whoever wants one names it, with SWIFT_BACKTRACE=swift-backtrace=PATH.
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name);
const char *__wrap_swift_copyAuxiliaryExecutablePath(const char *name) {
    (void)name;
    return 0;
}
