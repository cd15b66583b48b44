extension TransitionTable {
    /// A service whose readiness or health probe has the word.
    static let probed = """
        not ready
          stop: starting with a process down, stop wanted, timer 1min 30s → ask to stop
          restart: starting with a process up, stop wanted, timer 1min 30s → ask to stop
          resetFailed: starting with a process up, timer 1min 30s
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          ready: running up
          deadline: stopping (start-timeout, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        not ready, stop wanted
          start: starting with a process up, timer 1min 30s
          restart: starting with a process up, stop wanted, timer 1min 30s
          resetFailed: starting with a process down, stop wanted, timer 1min 30s
          beginStop: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) down → examine 1
          failure: stopping (ordered, main gone, no step) down → examine 1
          ready: running down, stop wanted
          deadline: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        not ready, restart wanted
          stop: starting with a process down, stop wanted, timer 1min 30s
          beginStop: stopping (ordered, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) up → examine 1
          failure: stopping (ordered, main gone, no step) up → examine 1
          ready: running up, stop wanted
          deadline: stopping (ordered, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        ready
          stop: running down, stop wanted → ask to stop
          restart: running up, stop wanted → ask to stop
          resetFailed: running up
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          unhealthy: stopping (unhealthy, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, ready, deadline, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        unhealthy, main alive, first step
          start: stopping (ordered, main alive, step 0) up, timer 2s
          stop: stopping (ordered, main alive, step 0) down, timer 2s
          restart: stopping (ordered, main alive, step 0) up, timer 2s
          resetFailed: stopping (unhealthy, main alive, step 0) up, timer 2s
          success: stopping (unhealthy, main gone, step 0) up, timer 2s → examine 1
          failure: stopping (unhealthy, main gone, step 0) up, timer 2s → examine 1
          deadline: stopping (unhealthy, main alive, step 1) up, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (unhealthy, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, ready, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        unhealthy, main gone, first step
          start: stopping (ordered, main gone, step 0) up, timer 2s
          stop: stopping (ordered, main gone, step 0) down, timer 2s
          restart: stopping (ordered, main gone, step 0) up, timer 2s
          resetFailed: stopping (unhealthy, main gone, step 0) up, timer 2s
          tree empty: backoff up, timer 5s
          tree left: stopping (unhealthy, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          deadline: stopping (unhealthy, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (unhealthy, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-stop done, after-stop done, ready, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        unhealthy, main alive, last step
          start: stopping (ordered, main alive, step 1) up, timer 3s
          stop: stopping (ordered, main alive, step 1) down, timer 3s
          restart: stopping (ordered, main alive, step 1) up, timer 3s
          resetFailed: stopping (unhealthy, main alive, step 1) up, timer 3s
          success: stopping (unhealthy, main gone, step 1) up, timer 3s → examine 1
          failure: stopping (unhealthy, main gone, step 1) up, timer 3s → examine 1
          deadline: stopping (unhealthy, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (unhealthy, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, ready, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        unhealthy, main gone, last step
          start: stopping (ordered, main gone, step 1) up, timer 3s
          stop: stopping (ordered, main gone, step 1) down, timer 3s
          restart: stopping (ordered, main gone, step 1) up, timer 3s
          resetFailed: stopping (unhealthy, main gone, step 1) up, timer 3s
          tree empty: backoff up, timer 5s
          tree left: stopping (unhealthy, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          deadline: stopping (unhealthy, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          kill: stopping (unhealthy, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-stop done, after-stop done, ready, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        unhealthy, main alive, killing
          start: stopping (ordered, main alive, kill 1) up, killed, timer 50ms
          stop: stopping (ordered, main alive, kill 1) down, killed, timer 50ms
          restart: stopping (ordered, main alive, kill 1) up, killed, timer 50ms
          resetFailed: stopping (unhealthy, main alive, kill 1) up, killed, timer 50ms
          success: stopping (unhealthy, main gone, kill 1) up, killed, timer 50ms → examine 1
          failure: stopping (unhealthy, main gone, kill 1) up, killed, timer 50ms → examine 1
          deadline: stopping (unhealthy, main alive, kill 2) up, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (unhealthy, main alive, kill 2) up, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, ready, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        unhealthy, main gone, killing
          start: stopping (ordered, main gone, kill 1) up, killed, timer 50ms
          stop: stopping (ordered, main gone, kill 1) down, killed, timer 50ms
          restart: stopping (ordered, main gone, kill 1) up, killed, timer 50ms
          resetFailed: stopping (unhealthy, main gone, kill 1) up, killed, timer 50ms
          tree empty: backoff up, killed, timer 5s
          deadline: stopping (unhealthy, main gone, kill 2 to all) up, killed, timer 100ms → SIGKILL to tree, examine 1
          kill: stopping (unhealthy, main gone, kill 2 to all) up, killed, timer 100ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree left, before-stop done, after-stop done, ready, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: running
          stop: running down, stop wanted → ask to stop
          restart: running up, stop wanted → ask to stop
          resetFailed: running up
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          unhealthy: stopping (unhealthy, main alive, no step, errand before-stop) up → errand 1 before-stop
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, ready, deadline, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: unhealthy, before, main alive
          start: stopping (ordered, main alive, no step, errand before-stop) up
          stop: stopping (ordered, main alive, no step, errand before-stop) down
          restart: stopping (ordered, main alive, no step, errand before-stop) up
          resetFailed: stopping (unhealthy, main alive, no step, errand before-stop) up
          success: stopping (unhealthy, main gone, no step, errand before-stop) up → examine 1
          failure: stopping (unhealthy, main gone, no step, errand before-stop) up → examine 1
          before-stop done: stopping (unhealthy, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (unhealthy, main alive, kill 1) up, killed, timer 50ms → drop errand 1, SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, after-stop done, ready, unhealthy, deadline, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: unhealthy, main alive, first step
          start: stopping (ordered, main alive, step 0) up, timer 2s
          stop: stopping (ordered, main alive, step 0) down, timer 2s
          restart: stopping (ordered, main alive, step 0) up, timer 2s
          resetFailed: stopping (unhealthy, main alive, step 0) up, timer 2s
          success: stopping (unhealthy, main gone, step 0) up, timer 2s → examine 1
          failure: stopping (unhealthy, main gone, step 0) up, timer 2s → examine 1
          deadline: stopping (unhealthy, main alive, step 1) up, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (unhealthy, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-stop done, after-stop done, ready, unhealthy, early timer, before-start done, before-start failed, after-start done, after-start failed, pending

        hooks: unhealthy, after, first step
          start: stopping (ordered, main gone, step 0, errand after-stop) up
          stop: stopping (ordered, main gone, step 0, errand after-stop) down
          restart: stopping (ordered, main gone, step 0, errand after-stop) up
          resetFailed: stopping (unhealthy, main gone, step 0, errand after-stop) up
          after-stop done: backoff up, timer 5s
          kill: backoff up, timer 5s
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-stop done, ready, unhealthy, deadline, early timer, before-start done, before-start failed, after-start done, after-start failed, pending
        """
}
