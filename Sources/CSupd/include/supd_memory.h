#pragma once

/// Returns to the kernel what the allocator holds and nobody uses (malloc_trim(3)).
void supd_give_back_free_memory(void);
/// The same by a thread that is about to end, which takes the top of its own part of the heap with it.
void supd_give_back_own_heap(void);
/// Unmaps the pages of the program and its libraries that are only read; each comes back when it is next used.
void supd_let_go_of_program_text(void);

/// Has the allocator return large pieces to the kernel as soon as they are free (mallopt(3)), from now on.
void supd_hold_back_little_memory(void);
