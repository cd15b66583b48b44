extension TransitionTable {
    /// A spawn that is not back.
    static let spawning = """
        spawn
          stop: starting with a spawn down, stop wanted, timer 1min 30s → ask to stop
          restart: starting with a spawn up, stop wanted, timer 1min 30s → ask to stop
          resetFailed: starting with a spawn up, timer 1min 30s
          spawned: running up
          missing: backoff up, timer 5s
          shortage: backoff up, timer 1s
          deadline: stopping (start-timeout, spawn not back, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, spawn not back, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, pending, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer

        spawn, stop wanted
          start: starting with a spawn up, timer 1min 30s
          restart: starting with a spawn up, stop wanted, timer 1min 30s
          resetFailed: starting with a spawn down, stop wanted, timer 1min 30s
          beginStop: stopping (ordered, spawn not back, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          spawned: running down, stop wanted
          missing: stopped down
          shortage: stopped down
          deadline: stopping (ordered, spawn not back, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, spawn not back, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, pending, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer

        spawn, restart wanted
          stop: starting with a spawn down, stop wanted, timer 1min 30s
          beginStop: stopping (ordered, spawn not back, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          spawned: running up, stop wanted
          missing: waiting up → ask to launch
          shortage: backoff up, timer 1s
          deadline: stopping (ordered, spawn not back, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, spawn not back, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, pending, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer

        spawn, ordered, first step
          start: stopping (ordered, spawn not back, step 0) up, timer 2s
          restart: stopping (ordered, spawn not back, step 0) up, timer 2s
          resetFailed: stopping (ordered, spawn not back, step 0) down, timer 2s
          spawned: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          missing: stopping (ordered, main gone, step 0) down, timer 2s → examine 1
          shortage: stopping (ordered, main gone, step 0) down, timer 2s → examine 1
          deadline: stopping (ordered, spawn not back, step 1) down, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (ordered, spawn not back, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, pending, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer

        spawn, restart, first step
          stop: stopping (ordered, spawn not back, step 0) down, timer 2s
          spawned: stopping (ordered, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          missing: stopping (ordered, main gone, step 0) up, timer 2s → examine 1
          shortage: stopping (ordered, main gone, step 0) up, timer 2s → examine 1
          deadline: stopping (ordered, spawn not back, step 1) up, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (ordered, spawn not back, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, beginStop, pending, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer

        spawn, ordered, killing
          start: stopping (ordered, spawn not back, kill 1) up, killed, timer 50ms
          restart: stopping (ordered, spawn not back, kill 1) up, killed, timer 50ms
          resetFailed: stopping (ordered, spawn not back, kill 1) down, killed, timer 50ms
          spawned: stopping (ordered, main alive, kill 2) down, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          missing: stopping (ordered, main gone, kill 1) down, killed, timer 50ms → examine 1
          shortage: stopping (ordered, main gone, kill 1) down, killed, timer 50ms → examine 1
          deadline: stopping (ordered, spawn not back, kill 2) down, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (ordered, spawn not back, kill 2) down, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, pending, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer

        spawn, timed out, first step
          start: stopping (ordered, spawn not back, step 0) up, timer 2s
          stop: stopping (ordered, spawn not back, step 0) down, timer 2s
          restart: stopping (ordered, spawn not back, step 0) up, timer 2s
          resetFailed: stopping (start-timeout, spawn not back, step 0) up, timer 2s
          spawned: stopping (start-timeout, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          missing: stopping (start-timeout, main gone, step 0) up, timer 2s → examine 1
          shortage: stopping (start-timeout, main gone, step 0) up, timer 2s → examine 1
          deadline: stopping (start-timeout, spawn not back, step 1) up, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (start-timeout, spawn not back, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, pending, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer
        """
}
