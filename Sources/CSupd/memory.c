#include "supd_memory.h"

#include <malloc.h>

void supd_give_back_free_memory(void) { malloc_trim(0); }
