#pragma once

/// Returns to the kernel what the allocator holds and nobody uses (malloc_trim(3)).
void supd_give_back_free_memory(void);
/// Unmaps the pages of the program and its libraries that are only read; each comes back when it is next used.
void supd_let_go_of_program_text(void);

/// Has the allocator return large pieces to the kernel as soon as they are free (mallopt(3)), from now on.
void supd_hold_back_little_memory(void);
