#pragma once
#include <systemd/sd-daemon.h>

// The functions that are looked up by name, with the types that the library's own header gives them.
typedef __typeof__(&sd_notify) supd_sd_notify;
typedef __typeof__(&sd_listen_fds_with_names) supd_sd_listen_fds_with_names;
