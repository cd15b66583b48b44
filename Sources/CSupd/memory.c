#define _GNU_SOURCE
#include "supd_memory.h"

#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Pages of files that are only read are in the page cache anyway: the kernel maps them around every fault, 16 at a
// time, and never takes them back while there is memory. What starting has touched and running does not need is let go
// here; what is needed comes back with a minor fault. Segments that may be written to, and so those whose relocations
// would be lost, are left alone.
static int drop(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    (void)context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    // The object without a path that is not the program is the vDSO, which is no file.
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
        uintptr_t start = (object->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + segment->p_vaddr + segment->p_memsz) & ~(page - 1);
        if (start < end) (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

// malloc_trim(3) leaves the top of every heap but the main thread's as it is. A new thread takes over the heap of one that
// has ended, and each large piece that is freed shrinks the top.
static void *shrink_top(void *unused) {
    (void)unused;
    void *volatile piece = malloc(96 * 1024);
    free(piece);
    return NULL;
}

void supd_give_back_own_heap(void) {
    malloc_trim(0);
    shrink_top(NULL);
}

void supd_give_back_free_memory(void) {
    malloc_trim(0);
    pthread_t thread;
    if (pthread_create(&thread, NULL, shrink_top, NULL) == 0) pthread_join(thread, NULL);
}

void supd_let_go_of_program_text(void) { dl_iterate_phdr(drop, NULL); }

// Without a word glibc raises the first limit to the size of the largest block that was freed, and the second to twice that.
// What a flood of lines needs again and again, read by read, is kept: to have each page of it made anew by the kernel costs as much as the
// copying of what is put there.
void supd_hold_back_little_memory(void) {
    mallopt(M_MMAP_THRESHOLD, 512 * 1024);
    mallopt(M_TRIM_THRESHOLD, 512 * 1024);
    mallopt(M_TOP_PAD, 32 * 1024);
}
