#pragma once

/// Returns to the kernel what the allocator holds and nobody uses (malloc_trim(3)).
void supd_give_back_free_memory(void);
