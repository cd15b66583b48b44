extension TransitionTable {
    /// Everything but the way down.
    static let notStopping = """
        stopped
          start: waiting up → ask to launch
          restart: waiting up → ask to launch
          nothing: stop, resetFailed, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, deadline, early timer, kill, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        waiting
          stop: stopped down
          launch: starting up, timer 1min 30s → spawn 1
          nothing: start, restart, resetFailed, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, deadline, early timer, kill, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        starting
          stop: starting down, stop wanted, timer 1min 30s → ask to stop
          restart: starting up, stop wanted, timer 1min 30s → ask to stop
          resetFailed: starting up, timer 1min 30s
          spawned: running up
          missing: backoff up, timer 5s
          shortage: backoff up, timer 1s
          deadline: starting up, timer 1min 30s
          kill: waiting up → ask to launch
          pending: starting with a spawn up, timer 1min 30s
          nothing: start, launch, beginStop, success, failure, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed

        starting, stop wanted
          start: starting up, timer 1min 30s
          restart: starting up, stop wanted, timer 1min 30s
          resetFailed: starting down, stop wanted, timer 1min 30s
          beginStop: stopped down
          spawned: running down, stop wanted
          missing: stopped down
          shortage: stopped down
          deadline: starting down, stop wanted, timer 1min 30s
          kill: stopped down
          pending: starting with a spawn down, stop wanted, timer 1min 30s
          nothing: stop, launch, success, failure, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed

        starting, restart wanted
          stop: starting down, stop wanted, timer 1min 30s
          beginStop: waiting up → ask to launch
          spawned: running up, stop wanted
          missing: waiting up → ask to launch
          shortage: backoff up, timer 1s
          deadline: starting up, stop wanted, timer 1min 30s
          kill: waiting up → ask to launch
          pending: starting with a spawn up, stop wanted, timer 1min 30s
          nothing: start, restart, resetFailed, launch, success, failure, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed

        starting with a process
          stop: starting with a process down, stop wanted, timer 1min 30s → ask to stop
          restart: starting with a process up, stop wanted, timer 1min 30s → ask to stop
          resetFailed: starting with a process up, timer 1min 30s
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          deadline: stopping (start-timeout, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        starting with a process, stop wanted
          start: starting with a process up, timer 1min 30s
          restart: starting with a process up, stop wanted, timer 1min 30s
          resetFailed: starting with a process down, stop wanted, timer 1min 30s
          beginStop: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) down → examine 1
          failure: stopping (ordered, main gone, no step) down → examine 1
          deadline: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        starting with a process, restart wanted
          stop: starting with a process down, stop wanted, timer 1min 30s
          beginStop: stopping (ordered, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) up → examine 1
          failure: stopping (ordered, main gone, no step) up → examine 1
          deadline: stopping (ordered, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, spawned, missing, shortage, tree empty, tree left, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        running
          stop: running down, stop wanted → ask to stop
          restart: running up, stop wanted → ask to stop
          resetFailed: running up
          success: stopping (ended, main gone, no step) up → examine 1
          failure: stopping (ended, main gone, no step) up → examine 1
          unhealthy: stopping (unhealthy, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, deadline, early timer, before-stop done, after-stop done, ready, before-start done, before-start failed, after-start done, after-start failed, pending

        running, stop wanted
          start: running up
          restart: running up, stop wanted
          resetFailed: running down, stop wanted
          beginStop: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) down → examine 1
          failure: stopping (ordered, main gone, no step) down → examine 1
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, spawned, missing, shortage, tree empty, tree left, deadline, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        running, restart wanted
          stop: running down, stop wanted
          beginStop: stopping (ordered, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) up → examine 1
          failure: stopping (ordered, main gone, no step) up → examine 1
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, restart, resetFailed, launch, spawned, missing, shortage, tree empty, tree left, deadline, early timer, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        backoff
          start: waiting up → ask to launch
          stop: stopped down
          restart: waiting up → ask to launch
          resetFailed: backoff up, timer 5s
          deadline: waiting up → ask to launch
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, early timer, kill, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        exited
          start: waiting up → ask to launch
          stop: exited down
          restart: waiting up → ask to launch
          resetFailed: exited up
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, deadline, early timer, kill, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending

        fatal
          start: waiting up → ask to launch
          stop: fatal down
          restart: waiting up → ask to launch
          resetFailed: stopped down
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, deadline, early timer, kill, before-stop done, after-stop done, ready, unhealthy, before-start done, before-start failed, after-start done, after-start failed, pending
        """
}
