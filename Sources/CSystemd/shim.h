#pragma once
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>

// The functions that are looked up by name, with the types that the library's own header gives them.
typedef __typeof__(&sd_notify) supd_sd_notify;
typedef __typeof__(&sd_pid_notify_with_fds) supd_sd_pid_notify_with_fds;
typedef __typeof__(&sd_bus_new) supd_sd_bus_new;
typedef __typeof__(&sd_bus_set_address) supd_sd_bus_set_address;
typedef __typeof__(&sd_bus_start) supd_sd_bus_start;
typedef __typeof__(&sd_bus_set_method_call_timeout) supd_sd_bus_set_method_call_timeout;
typedef __typeof__(&sd_bus_path_encode) supd_sd_bus_path_encode;
typedef __typeof__(&sd_bus_get_property_trivial) supd_sd_bus_get_property_trivial;
typedef __typeof__(&sd_bus_flush_close_unref) supd_sd_bus_flush_close_unref;
