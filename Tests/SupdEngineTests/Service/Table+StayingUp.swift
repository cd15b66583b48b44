extension TransitionTable {
    /// A service with a `min_uptime`.
    static let stayingUp = """
        staying up
          stop: starting with a process down, stop wanted, timer 10s → ask to stop
          restart: starting with a process up, stop wanted, timer 10s → ask to stop
          resetFailed: starting with a process up, timer 10s
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          deadline: running up
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        staying up, stop wanted
          start: starting with a process up, timer 10s
          restart: starting with a process up, stop wanted, timer 10s
          resetFailed: starting with a process down, stop wanted, timer 10s
          beginStop: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) down → examine 1
          failure: stopping (ordered, main gone, no step) down → examine 1
          deadline: running down, stop wanted
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        staying up, restart wanted
          stop: starting with a process down, stop wanted, timer 10s
          beginStop: stopping (ordered, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) up → examine 1
          failure: stopping (ordered, main gone, no step) up → examine 1
          deadline: running up, stop wanted
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        not ready, staying up
          stop: starting with a process down, stop wanted, timer 10s → ask to stop
          restart: starting with a process up, stop wanted, timer 10s → ask to stop
          resetFailed: starting with a process up, timer 10s
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          deadline: running up
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        has stayed up
          stop: running down, stop wanted → ask to stop
          restart: running up, stop wanted → ask to stop
          resetFailed: running up
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          unhealthy: stopping (unhealthy, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, deadline, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, before-start done, before-start failed, after-start done, after-start failed, pending
        """
}
