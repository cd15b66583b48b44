#pragma once

// What the daemon needs of the kernel and the C library does not offer to Swift. Every function returns
// a value of zero or more, or a negated errno; none sets errno for its caller to look at.

#include "supd_apart.h"
#include "supd_arguments.h"
#include "supd_deadline.h"
#include "supd_events.h"
#include "supd_files.h"
#include "supd_journal.h"
#include "supd_listen.h"
#include "supd_look.h"
#include "supd_memory.h"
#include "supd_notices.h"
#include "supd_processes.h"
#include "supd_settings.h"
#include "supd_sockets.h"
#include "supd_spawn.h"
