#pragma once

#include <dirent.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

struct supd_folder_entry {
    uint64_t inode;
    int64_t next;
    unsigned short length;
    unsigned char type;
    char name[];
};

// Calls `body` for each folder in a folder, but those whose names begin with a dot. Without opendir(3), which allocates.
static inline void supd_each_folder(int folder, void (*body)(int folder, const char *name, void *context), void *context) {
    char buffer[4096] __attribute__((aligned(8)));
    if (lseek(folder, 0, SEEK_SET) < 0) return;
    for (;;) {
        long size = syscall(SYS_getdents64, folder, buffer, sizeof buffer);
        if (size <= 0) return;
        for (long offset = 0; offset < size;) {
            const struct supd_folder_entry *entry = (const struct supd_folder_entry *)(buffer + offset);
            offset += entry->length;
            if (entry->type == DT_DIR && entry->name[0] != '.') body(folder, entry->name, context);
        }
    }
}
