// What a child does with its output.

#define _GNU_SOURCE
#include "testchild.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static int print(int count, char **words) {
    for (int index = 0; index < count; index++) say("%s", words[index]);
    return 0;
}

static int print_both(int count, char **words) {
    (void)count, (void)words;
    static const char first[] = "to output\n";
    static const char second[] = "to error\n";
    if (write(1, first, sizeof first - 1) < 0) return 1;
    return write(2, second, sizeof second - 1) < 0 ? 1 : 0;
}

static int close_output(int count, char **words) {
    (void)count, (void)words;
    close(1);
    close(2);
    wait_for_ever();
}

static int leave_output_open(int count, char **words) {
    (void)count, (void)words;
    pid_t child = fork_child();
    if (child == 0) wait_for_ever();
    say("child %d", child);
    return 0;
}

static int flood(int count, char **words) {
    (void)count, (void)words;
    char block[64 * 1024];
    memset(block, 'x', sizeof block);
    for (size_t index = 99; index < sizeof block; index += 100) block[index] = '\n';
    while (write(1, block, sizeof block) >= 0) {}
    return 1;
}

static int flood_without_newline(int count, char **words) {
    (void)count, (void)words;
    static char block[64 * 1024];
    while (write(1, block, sizeof block) >= 0) {}
    return 1;
}

// A program that says why before it fails.
static int fail(int count, char **words) {
    for (int index = 1; index < count; index++) say("%s", words[index]);
    return (int)number_at(count, words, 0, 1);
}

static int reopen_outputs(int count, char **words) {
    (void)count, (void)words;
    const char *const names[] = {"/dev/stdout", "/dev/stderr"};
    const char *const lines[] = {"out\n", "err\n"};
    for (int index = 0; index < 2; index++) {
        int output = open(names[index], O_WRONLY);
        if (output < 0 || write(output, lines[index], 4) != 4) {
            perror(names[index]);
            return 1;
        }
        close(output);
    }
    return 0;
}

static int copy_file(int count, char **words) {
    if (count < 2) return 64;
    int file = open(words[0], O_RDONLY);
    struct stat state;
    if (file < 0 || fstat(file, &state) < 0) {
        perror(words[0]);
        return 1;
    }
    size_t size = (size_t)state.st_size;
    say("before");
    ssize_t copied;
    if (strcmp(words[1], "sendfile") == 0) {
        copied = sendfile(1, file, NULL, size);
    } else {
        void *memory = mmap(NULL, size, PROT_READ, MAP_PRIVATE, file, 0);
        copied = memory == MAP_FAILED ? -1 : write(1, memory, size);
    }
    if (copied < 0) {
        perror(words[1]);
        return 1;
    }
    say("after");
    wait_for_ever();
}

const struct verb output_verbs[] = {
    {"print", print, "WORD...: a line each"},
    {"fail", fail, "CODE WORD...: a line each, and exit with the code"},
    {"print-both", print_both, "a line to standard output, then one to standard error"},
    {"reopen-outputs", reopen_outputs, "open /dev/stdout and /dev/stderr anew, and write 'out' and 'err' there"},
    {"copy-file", copy_file,
     "FILE sendfile|mapped: say 'before', have the kernel copy the file to standard output, say 'after', and wait for ever"},
    {"close-output", close_output, "close standard output and error, and wait for ever"},
    {"leave-output-open", leave_output_open, "a child that holds the output; say 'child PID' and exit 0"},
    {"flood", flood, "lines of 100 bytes, as fast as they go"},
    {"flood-zeros", flood_without_newline, "zero bytes, as fast as they go"},
    {NULL, NULL, NULL},
};
