#define _GNU_SOURCE
#include "supd_memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
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

void supd_give_back_free_memory(void) { malloc_trim(0); }

void supd_let_go_of_program_text(void) { dl_iterate_phdr(drop, NULL); }
