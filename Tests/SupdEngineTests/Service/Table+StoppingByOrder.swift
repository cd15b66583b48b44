extension TransitionTable {
    /// The way down by an order: `ordered` to stay down, `restart` to come up again.
    static let stoppingByOrder = """
        ordered, main alive, first step
          start: stopping (ordered, main alive, step 0) up, timer 2s
          restart: stopping (ordered, main alive, step 0) up, timer 2s
          resetFailed: stopping (ordered, main alive, step 0) down, timer 2s
          success: stopping (ordered, main gone, step 0) down, timer 2s → examine 1
          failure: stopping (ordered, main gone, step 0) down, timer 2s → examine 1
          deadline: stopping (ordered, main alive, step 1) down, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ordered, main gone, first step
          start: stopping (ordered, main gone, step 0) up, timer 2s
          restart: stopping (ordered, main gone, step 0) up, timer 2s
          resetFailed: stopping (ordered, main gone, step 0) down, timer 2s
          tree empty: stopped down
          tree left: stopping (ordered, main gone, step 0 to all) down, timer 2s → SIGINT to tree, SIGCONT to tree
          deadline: stopping (ordered, main gone, step 1 to all) down, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ordered, main alive, last step
          start: stopping (ordered, main alive, step 1) up, timer 3s
          restart: stopping (ordered, main alive, step 1) up, timer 3s
          resetFailed: stopping (ordered, main alive, step 1) down, timer 3s
          success: stopping (ordered, main gone, step 1) down, timer 3s → examine 1
          failure: stopping (ordered, main gone, step 1) down, timer 3s → examine 1
          deadline: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ordered, main gone, last step
          start: stopping (ordered, main gone, step 1) up, timer 3s
          restart: stopping (ordered, main gone, step 1) up, timer 3s
          resetFailed: stopping (ordered, main gone, step 1) down, timer 3s
          tree empty: stopped down
          tree left: stopping (ordered, main gone, step 1 to all) down, timer 3s → SIGTERM to tree, SIGCONT to tree
          deadline: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ordered, main alive, killing
          start: stopping (ordered, main alive, kill 1) up, killed, timer 50ms
          restart: stopping (ordered, main alive, kill 1) up, killed, timer 50ms
          resetFailed: stopping (ordered, main alive, kill 1) down, killed, timer 50ms
          success: stopping (ordered, main gone, kill 1) down, killed, timer 50ms → examine 1
          failure: stopping (ordered, main gone, kill 1) down, killed, timer 50ms → examine 1
          deadline: stopping (ordered, main alive, kill 2) down, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (ordered, main alive, kill 2) down, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ordered, main gone, killing
          start: stopping (ordered, main gone, kill 1) up, killed, timer 50ms
          restart: stopping (ordered, main gone, kill 1) up, killed, timer 50ms
          resetFailed: stopping (ordered, main gone, kill 1) down, killed, timer 50ms
          tree empty: stopped down, killed
          deadline: stopping (ordered, main gone, kill 2 to all) down, killed, timer 100ms → SIGKILL to tree, examine 1
          kill: stopping (ordered, main gone, kill 2 to all) down, killed, timer 100ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        restart, main alive, first step
          stop: stopping (ordered, main alive, step 0) down, timer 2s
          success: stopping (ordered, main gone, step 0) up, timer 2s → examine 1
          failure: stopping (ordered, main gone, step 0) up, timer 2s → examine 1
          deadline: stopping (ordered, main alive, step 1) up, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        restart, main gone, first step
          stop: stopping (ordered, main gone, step 0) down, timer 2s
          tree empty: waiting up → ask to launch
          tree left: stopping (ordered, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          deadline: stopping (ordered, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, success, failure, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        restart, main alive, last step
          stop: stopping (ordered, main alive, step 1) down, timer 3s
          success: stopping (ordered, main gone, step 1) up, timer 3s → examine 1
          failure: stopping (ordered, main gone, step 1) up, timer 3s → examine 1
          deadline: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        restart, main gone, last step
          stop: stopping (ordered, main gone, step 1) down, timer 3s
          tree empty: waiting up → ask to launch
          tree left: stopping (ordered, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          deadline: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          kill: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, success, failure, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        restart, main alive, killing
          stop: stopping (ordered, main alive, kill 1) down, killed, timer 50ms
          success: stopping (ordered, main gone, kill 1) up, killed, timer 50ms → examine 1
          failure: stopping (ordered, main gone, kill 1) up, killed, timer 50ms → examine 1
          deadline: stopping (ordered, main alive, kill 2) up, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (ordered, main alive, kill 2) up, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        restart, main gone, killing
          stop: stopping (ordered, main gone, kill 1) down, killed, timer 50ms
          tree empty: waiting up, killed → ask to launch
          deadline: stopping (ordered, main gone, kill 2 to all) up, killed, timer 100ms → SIGKILL to tree, examine 1
          kill: stopping (ordered, main gone, kill 2 to all) up, killed, timer 100ms → SIGKILL to tree, examine 1
          nothing: start, restart, resetFailed, launch, beginStop, spawned, missing, shortage, success, failure, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ordered, main gone, no step
          start: stopping (ordered, main gone, no step) up
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (ordered, main gone, no step) down
          tree empty: stopped down
          tree left: stopping (ordered, main gone, step 0 to all) down, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, deadline, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending
        """
}
