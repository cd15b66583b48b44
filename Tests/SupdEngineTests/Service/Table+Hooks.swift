extension TransitionTable {
    /// A service with hooks: before the first signal of a stop by order, and when its tree is gone. A deadline has none of
    /// them, for each hook has a budget that others keep; a kill waits for none.
    static let withHooks = """
        hooks: running, stop wanted
          start: running up
          restart: running up, stop wanted
          resetFailed: running down, stop wanted
          beginStop: stopping (ordered, main alive, no step, errand before-stop) down → errand 1 before-stop
          success: stopping (ordered, main gone, no step) down → examine 1
          failure: stopping (ordered, main gone, no step) down → examine 1
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: running, restart wanted
          stop: running down, stop wanted
          beginStop: stopping (ordered, main alive, no step, errand before-stop) up → errand 1 before-stop
          success: stopping (ordered, main gone, no step) up → examine 1
          failure: stopping (ordered, main gone, no step) up → examine 1
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: starting with a process
          stop: starting with a process down, stop wanted, timer 1min 30s → ask to stop
          restart: starting with a process up, stop wanted, timer 1min 30s → ask to stop
          resetFailed: starting with a process up, timer 1min 30s
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          deadline: stopping (start-timeout, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: starting with a process, stop wanted
          start: starting with a process up, timer 1min 30s
          restart: starting with a process up, stop wanted, timer 1min 30s
          resetFailed: starting with a process down, stop wanted, timer 1min 30s
          beginStop: stopping (ordered, main alive, no step, errand before-stop) down → errand 1 before-stop
          success: stopping (ordered, main gone, no step) down → examine 1
          failure: stopping (ordered, main gone, no step) down → examine 1
          deadline: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ended, main gone, no step
          start: stopping (ordered, main gone, no step) up
          stop: stopping (ordered, main gone, no step) down
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (ended, main gone, no step) up
          tree empty: backoff up, timer 5s
          tree left: stopping (ended, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-stop done, after-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: timed out, main gone, first step
          start: stopping (ordered, main gone, step 0) up, timer 2s
          stop: stopping (ordered, main gone, step 0) down, timer 2s
          restart: stopping (ordered, main gone, step 0) up, timer 2s
          resetFailed: stopping (start-timeout, main gone, step 0) up, timer 2s
          tree empty: backoff up, timer 5s
          tree left: stopping (start-timeout, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          deadline: stopping (start-timeout, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (start-timeout, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, main gone, no step
          start: stopping (ordered, main gone, no step) up
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (ordered, main gone, no step) down
          tree empty: stopping (ordered, main gone, no step, errand after-stop) down → errand 1 after-stop
          tree left: stopping (ordered, main gone, step 0 to all) down, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, before-stop done, after-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, before, main alive
          start: stopping (ordered, main alive, no step, errand before-stop) up
          restart: stopping (ordered, main alive, no step, errand before-stop) up
          resetFailed: stopping (ordered, main alive, no step, errand before-stop) down
          success: stopping (ordered, main gone, no step, errand before-stop) down → examine 1
          failure: stopping (ordered, main gone, no step, errand before-stop) down → examine 1
          before-stop done: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → drop errand 1, SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, after-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: restart, before, main alive
          stop: stopping (ordered, main alive, no step, errand before-stop) down
          success: stopping (ordered, main gone, no step, errand before-stop) up → examine 1
          failure: stopping (ordered, main gone, no step, errand before-stop) up → examine 1
          before-stop done: stopping (ordered, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → drop errand 1, SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, tree empty, tree left, after-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, before, main gone
          start: stopping (ordered, main gone, no step, errand before-stop) up
          restart: stopping (ordered, main gone, no step, errand before-stop) up
          resetFailed: stopping (ordered, main gone, no step, errand before-stop) down
          before-stop done: stopping (ordered, main gone, no step) down → examine 1
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, after-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: restart, before, main gone
          stop: stopping (ordered, main gone, no step, errand before-stop) down
          before-stop done: stopping (ordered, main gone, no step) up → examine 1
          kill: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, after-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, after, no step
          start: stopping (ordered, main gone, no step, errand after-stop) up
          restart: stopping (ordered, main gone, no step, errand after-stop) up
          resetFailed: stopping (ordered, main gone, no step, errand after-stop) down
          after-stop done: stopped down
          kill: stopped down
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, main alive, first step
          start: stopping (ordered, main alive, step 0) up, timer 2s
          restart: stopping (ordered, main alive, step 0) up, timer 2s
          resetFailed: stopping (ordered, main alive, step 0) down, timer 2s
          success: stopping (ordered, main gone, step 0) down, timer 2s → examine 1
          failure: stopping (ordered, main gone, step 0) down, timer 2s → examine 1
          deadline: stopping (ordered, main alive, step 1) down, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, main gone, first step
          start: stopping (ordered, main gone, step 0) up, timer 2s
          restart: stopping (ordered, main gone, step 0) up, timer 2s
          resetFailed: stopping (ordered, main gone, step 0) down, timer 2s
          tree empty: stopping (ordered, main gone, step 0, errand after-stop) down → errand 1 after-stop
          tree left: stopping (ordered, main gone, step 0 to all) down, timer 2s → SIGINT to tree, SIGCONT to tree
          deadline: stopping (ordered, main gone, step 1 to all) down, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, after, first step
          start: stopping (ordered, main gone, step 0, errand after-stop) up
          restart: stopping (ordered, main gone, step 0, errand after-stop) up
          resetFailed: stopping (ordered, main gone, step 0, errand after-stop) down
          after-stop done: stopped down
          kill: stopped down
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: restart, after, first step
          stop: stopping (ordered, main gone, step 0, errand after-stop) down
          after-stop done: waiting up → ask to launch
          kill: waiting up → ask to launch
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, main alive, last step
          start: stopping (ordered, main alive, step 1) up, timer 3s
          restart: stopping (ordered, main alive, step 1) up, timer 3s
          resetFailed: stopping (ordered, main alive, step 1) down, timer 3s
          success: stopping (ordered, main gone, step 1) down, timer 3s → examine 1
          failure: stopping (ordered, main gone, step 1) down, timer 3s → examine 1
          deadline: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, main gone, last step
          start: stopping (ordered, main gone, step 1) up, timer 3s
          restart: stopping (ordered, main gone, step 1) up, timer 3s
          resetFailed: stopping (ordered, main gone, step 1) down, timer 3s
          tree empty: stopping (ordered, main gone, step 1, errand after-stop) down → errand 1 after-stop
          tree left: stopping (ordered, main gone, step 1 to all) down, timer 3s → SIGTERM to tree, SIGCONT to tree
          deadline: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, after, last step
          start: stopping (ordered, main gone, step 1, errand after-stop) up
          restart: stopping (ordered, main gone, step 1, errand after-stop) up
          resetFailed: stopping (ordered, main gone, step 1, errand after-stop) down
          after-stop done: stopped down
          kill: stopped down
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: restart, after, last step
          stop: stopping (ordered, main gone, step 1, errand after-stop) down
          after-stop done: waiting up → ask to launch
          kill: waiting up → ask to launch
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, main alive, killing
          start: stopping (ordered, main alive, kill 1) up, killed, timer 50ms
          restart: stopping (ordered, main alive, kill 1) up, killed, timer 50ms
          resetFailed: stopping (ordered, main alive, kill 1) down, killed, timer 50ms
          success: stopping (ordered, main gone, kill 1) down, killed, timer 50ms → examine 1
          failure: stopping (ordered, main gone, kill 1) down, killed, timer 50ms → examine 1
          deadline: stopping (ordered, main alive, kill 2) down, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (ordered, main alive, kill 2) down, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, main gone, killing
          start: stopping (ordered, main gone, kill 1) up, killed, timer 50ms
          restart: stopping (ordered, main gone, kill 1) up, killed, timer 50ms
          resetFailed: stopping (ordered, main gone, kill 1) down, killed, timer 50ms
          tree empty: stopping (ordered, main gone, kill 1, errand after-stop) down, killed → errand 1 after-stop
          deadline: stopping (ordered, main gone, kill 2 to all) down, killed, timer 100ms → SIGKILL to tree, examine 1
          kill: stopping (ordered, main gone, kill 2 to all) down, killed, timer 100ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree left, before-stop done, after-stop done, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: ordered, after, killing
          start: stopping (ordered, main gone, kill 1, errand after-stop) up, killed
          restart: stopping (ordered, main gone, kill 1, errand after-stop) up, killed
          resetFailed: stopping (ordered, main gone, kill 1, errand after-stop) down, killed
          after-stop done: stopped down, killed
          kill: stopped down, killed
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: restart, after, killing
          stop: stopping (ordered, main gone, kill 1, errand after-stop) down, killed
          after-stop done: waiting up, killed → ask to launch
          kill: waiting up, killed → ask to launch
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-stop done, deadline, early timer, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending
        """
}
