extension TransitionTable {
    /// The way down that nobody ordered: it ended, or overran its time to start.
    static let stoppingByItself = """
        timed out, main alive, first step
          start: stopping (ordered, main alive, step 0) up, timer 2s
          stop: stopping (ordered, main alive, step 0) down, timer 2s
          restart: stopping (ordered, main alive, step 0) up, timer 2s
          resetFailed: stopping (start-timeout, main alive, step 0) up, timer 2s
          success: stopping (start-timeout, main gone, step 0) up, timer 2s → examine 1
          failure: stopping (start-timeout, main gone, step 0) up, timer 2s → examine 1
          deadline: stopping (start-timeout, main alive, step 1) up, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (start-timeout, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        timed out, main gone, first step
          start: stopping (ordered, main gone, step 0) up, timer 2s
          stop: stopping (ordered, main gone, step 0) down, timer 2s
          restart: stopping (ordered, main gone, step 0) up, timer 2s
          resetFailed: stopping (start-timeout, main gone, step 0) up, timer 2s
          tree empty: backoff up, timer 5s
          tree left: stopping (start-timeout, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          deadline: stopping (start-timeout, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (start-timeout, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        timed out, main alive, last step
          start: stopping (ordered, main alive, step 1) up, timer 3s
          stop: stopping (ordered, main alive, step 1) down, timer 3s
          restart: stopping (ordered, main alive, step 1) up, timer 3s
          resetFailed: stopping (start-timeout, main alive, step 1) up, timer 3s
          success: stopping (start-timeout, main gone, step 1) up, timer 3s → examine 1
          failure: stopping (start-timeout, main gone, step 1) up, timer 3s → examine 1
          deadline: stopping (start-timeout, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (start-timeout, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        timed out, main gone, last step
          start: stopping (ordered, main gone, step 1) up, timer 3s
          stop: stopping (ordered, main gone, step 1) down, timer 3s
          restart: stopping (ordered, main gone, step 1) up, timer 3s
          resetFailed: stopping (start-timeout, main gone, step 1) up, timer 3s
          tree empty: backoff up, timer 5s
          tree left: stopping (start-timeout, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          deadline: stopping (start-timeout, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          kill: stopping (start-timeout, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        timed out, main alive, killing
          start: stopping (ordered, main alive, kill 1) up, killed, timer 50ms
          stop: stopping (ordered, main alive, kill 1) down, killed, timer 50ms
          restart: stopping (ordered, main alive, kill 1) up, killed, timer 50ms
          resetFailed: stopping (start-timeout, main alive, kill 1) up, killed, timer 50ms
          success: stopping (start-timeout, main gone, kill 1) up, killed, timer 50ms → examine 1
          failure: stopping (start-timeout, main gone, kill 1) up, killed, timer 50ms → examine 1
          deadline: stopping (start-timeout, main alive, kill 2) up, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          kill: stopping (start-timeout, main alive, kill 2) up, killed, timer 100ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        timed out, main gone, killing
          start: stopping (ordered, main gone, kill 1) up, killed, timer 50ms
          stop: stopping (ordered, main gone, kill 1) down, killed, timer 50ms
          restart: stopping (ordered, main gone, kill 1) up, killed, timer 50ms
          resetFailed: stopping (start-timeout, main gone, kill 1) up, killed, timer 50ms
          tree empty: backoff up, killed, timer 5s
          deadline: stopping (start-timeout, main gone, kill 2 to all) up, killed, timer 100ms → SIGKILL to tree, examine 1
          kill: stopping (start-timeout, main gone, kill 2 to all) up, killed, timer 100ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ended, main gone, no step
          start: stopping (ordered, main gone, no step) up
          stop: stopping (ordered, main gone, no step) down
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (ended, main gone, no step) up
          tree empty: backoff up, timer 5s
          tree left: stopping (ended, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, deadline, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ended, main gone, first step
          start: stopping (ordered, main gone, step 0 to all) up, timer 2s
          stop: stopping (ordered, main gone, step 0 to all) down, timer 2s
          restart: stopping (ordered, main gone, step 0 to all) up, timer 2s
          resetFailed: stopping (ended, main gone, step 0 to all) up, timer 2s
          tree empty: backoff up, timer 5s
          deadline: stopping (ended, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ended, main gone, last step
          start: stopping (ordered, main gone, step 1 to all) up, timer 3s
          stop: stopping (ordered, main gone, step 1 to all) down, timer 3s
          restart: stopping (ordered, main gone, step 1 to all) up, timer 3s
          resetFailed: stopping (ended, main gone, step 1 to all) up, timer 3s
          tree empty: backoff up, timer 5s
          deadline: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        ended, main gone, killing
          start: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms
          stop: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms
          restart: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms
          resetFailed: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms
          tree empty: backoff up, killed, timer 5s
          deadline: stopping (ended, main gone, kill 2 to all) up, killed, timer 100ms → SIGKILL to tree, examine 1
          kill: stopping (ended, main gone, kill 2 to all) up, killed, timer 100ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending
        """
}
