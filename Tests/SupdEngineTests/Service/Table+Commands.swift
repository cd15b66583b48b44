extension TransitionTable {
    /// A service with commands around its program. While they run the machine has no deadline: each has one of its own, that
    /// others keep. What runs of an errand when it is dropped is part of the tree, and goes with that.
    static let withCommands = """
        commands: before start
          stop: starting (errand before-start) down, stop wanted → ask to stop
          restart: starting (errand before-start) up, stop wanted → ask to stop
          resetFailed: starting (errand before-start) up
          before-start done: starting up, timer 1min 30s → spawn 1
          before-start failed: stopping (failed, main gone, no step) up → examine 1
          kill: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: start, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: before start, stop wanted
          start: starting (errand before-start) up
          restart: starting (errand before-start) up, stop wanted
          resetFailed: starting (errand before-start) down, stop wanted
          beginStop: stopping (ordered, main gone, step 0 to all) down, timer 2s → drop errand 1, SIGINT to tree, SIGCONT to tree, examine 1
          before-start done: stopping (ordered, main gone, no step) down → examine 1
          before-start failed: stopping (ordered, main gone, no step) down → examine 1
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: stop, launch, spawned, missing, shortage, success, failure, tree empty, tree left, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: before start, restart wanted
          stop: starting (errand before-start) down, stop wanted
          beginStop: stopping (ordered, main gone, step 0 to all) up, timer 2s → drop errand 1, SIGINT to tree, SIGCONT to tree, examine 1
          before-start done: stopping (ordered, main gone, no step) up → examine 1
          before-start failed: stopping (ordered, main gone, no step) up → examine 1
          kill: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: start, restart, resetFailed, launch, spawned, missing, shortage, success, failure, tree empty, tree left, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: before start failed
          start: stopping (ordered, main gone, no step) up
          stop: stopping (ordered, main gone, no step) down
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (failed, main gone, no step) up
          tree empty: stopping (failed, main gone, no step, errand after-stop) up → errand 1 after-stop
          tree left: stopping (failed, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (failed, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: before start, stopping
          start: stopping (ordered, main gone, step 0 to all) up, timer 2s
          restart: stopping (ordered, main gone, step 0 to all) up, timer 2s
          resetFailed: stopping (ordered, main gone, step 0 to all) down, timer 2s
          tree empty: stopping (ordered, main gone, step 0 to all, errand after-stop) down → errand 1 after-stop
          deadline: stopping (ordered, main gone, step 1 to all) down, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer, pending

        commands: before start, after stop
          start: stopping (ordered, main gone, no step, errand after-stop) up
          stop: stopping (ordered, main gone, no step, errand after-stop) down
          restart: stopping (ordered, main gone, no step, errand after-stop) up
          resetFailed: stopping (failed, main gone, no step, errand after-stop) up
          after-stop done: stopping (failed, main gone, no step) up → examine 1
          kill: stopping (failed, main gone, kill 1 to all) up, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, ready, unhealthy, deadline, early timer, pending

        commands: starting
          stop: starting down, stop wanted, timer 1min 30s → ask to stop
          restart: starting up, stop wanted, timer 1min 30s → ask to stop
          resetFailed: starting up, timer 1min 30s
          spawned: starting with a process (errand after-start) up → errand 1 after-start
          missing: stopping (ended, main gone, no step) up → examine 1
          shortage: stopping (ended, main gone, no step) up → examine 1
          deadline: starting up, timer 1min 30s
          kill: stopping (ordered, main gone, no step) up → examine 1
          pending: starting with a spawn up, timer 1min 30s
          nothing: start, launch, beginStop, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer

        commands: spawn failed
          start: stopping (ordered, main gone, no step) up
          stop: stopping (ordered, main gone, no step) down
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (ended, main gone, no step) up
          tree empty: stopping (ended, main gone, no step, errand after-stop) up → errand 1 after-stop
          tree left: stopping (ended, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: after start
          stop: starting with a process (errand after-start) down, stop wanted → ask to stop
          restart: starting with a process (errand after-start) up, stop wanted → ask to stop
          resetFailed: starting with a process (errand after-start) up
          success: stopping (ended, main gone, no step) up → drop errand 1, examine 1
          failure: stopping (ended, main gone, no step) up → drop errand 1, examine 1
          after-start done: running up, timer 1min
          after-start failed: stopping (failed, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → drop errand 1, SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-start done, before-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: after start, stop wanted
          start: starting with a process (errand after-start) up
          restart: starting with a process (errand after-start) up, stop wanted
          resetFailed: starting with a process (errand after-start) down, stop wanted
          beginStop: stopping (ordered, main alive, step 0) down, timer 2s → drop errand 1, SIGINT to group, SIGCONT to group
          success: stopping (ordered, main gone, no step) down → drop errand 1, examine 1
          failure: stopping (ordered, main gone, no step) down → drop errand 1, examine 1
          after-start done: running down, stop wanted, timer 1min
          after-start failed: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → drop errand 1, SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, spawned, missing, shortage, tree empty, tree left, before-start done, before-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: after start failed
          start: stopping (ordered, main alive, step 0) up, timer 2s
          stop: stopping (ordered, main alive, step 0) down, timer 2s
          restart: stopping (ordered, main alive, step 0) up, timer 2s
          resetFailed: stopping (failed, main alive, step 0) up, timer 2s
          success: stopping (failed, main gone, step 0) up, timer 2s → examine 1
          failure: stopping (failed, main gone, step 0) up, timer 2s → examine 1
          deadline: stopping (failed, main alive, step 1) up, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (failed, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer, pending

        commands: after start failed, main gone
          start: stopping (ordered, main gone, step 0) up, timer 2s
          stop: stopping (ordered, main gone, step 0) down, timer 2s
          restart: stopping (ordered, main gone, step 0) up, timer 2s
          resetFailed: stopping (failed, main gone, step 0) up, timer 2s
          tree empty: stopping (failed, main gone, step 0, errand after-stop) up → errand 1 after-stop
          tree left: stopping (failed, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          deadline: stopping (failed, main gone, step 1 to all) up, timer 3s → SIGTERM to tree, SIGCONT to tree
          kill: stopping (failed, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer, pending

        commands: running
          stop: running down, stop wanted, timer 1min → ask to stop
          restart: running up, stop wanted, timer 1min → ask to stop
          resetFailed: running up, timer 1min
          success: stopping (ended, main gone, no step, errand before-stop) up → errand 1 before-stop
          failure: stopping (ended, main gone, no step, errand before-stop) up → errand 1 before-stop
          unhealthy: stopping (unhealthy, main alive, no step, errand before-stop) up → errand 1 before-stop
          deadline: stopping (runtime-max, main alive, no step, errand before-stop) up → errand 1 before-stop
          kill: stopping (ordered, main alive, kill 1) up, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: start, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, early timer, pending

        commands: running, stop wanted
          start: running up, timer 1min
          restart: running up, stop wanted, timer 1min
          resetFailed: running down, stop wanted, timer 1min
          beginStop: stopping (ordered, main alive, no step, errand before-stop) down → errand 1 before-stop
          success: stopping (ordered, main gone, no step, errand before-stop) down → errand 1 before-stop
          failure: stopping (ordered, main gone, no step, errand before-stop) down → errand 1 before-stop
          deadline: running down, stop wanted, timer 1s
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, spawned, missing, shortage, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer, pending

        commands: runtime over, before stop
          start: stopping (ordered, main alive, no step, errand before-stop) up
          stop: stopping (ordered, main alive, no step, errand before-stop) down
          restart: stopping (ordered, main alive, no step, errand before-stop) up
          resetFailed: stopping (runtime-max, main alive, no step, errand before-stop) up
          success: stopping (runtime-max, main gone, no step, errand before-stop) up → examine 1
          failure: stopping (runtime-max, main gone, no step, errand before-stop) up → examine 1
          before-stop done: stopping (runtime-max, main alive, step 0) up, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (runtime-max, main alive, kill 1) up, killed, timer 50ms → drop errand 1, SIGKILL to group, SIGKILL to tree
          nothing: launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: ended, before stop
          start: stopping (ordered, main gone, no step, errand before-stop) up
          stop: stopping (ordered, main gone, no step, errand before-stop) down
          restart: stopping (ordered, main gone, no step, errand before-stop) up
          resetFailed: stopping (ended, main gone, no step, errand before-stop) up
          before-stop done: stopping (ended, main gone, no step) up → examine 1
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: ended, no step
          start: stopping (ordered, main gone, no step) up
          stop: stopping (ordered, main gone, no step) down
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (ended, main gone, no step) up
          tree empty: stopping (ended, main gone, no step, errand after-stop) up → errand 1 after-stop
          tree left: stopping (ended, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: ordered, before stop
          start: stopping (ordered, main alive, no step, errand before-stop) up
          restart: stopping (ordered, main alive, no step, errand before-stop) up
          resetFailed: stopping (ordered, main alive, no step, errand before-stop) down
          success: stopping (ordered, main gone, no step, errand before-stop) down → examine 1
          failure: stopping (ordered, main gone, no step, errand before-stop) down → examine 1
          before-stop done: stopping (ordered, main alive, step 0) down, timer 2s → SIGINT to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → drop errand 1, SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: ordered, first step
          start: stopping (ordered, main alive, step 0) up, timer 2s
          restart: stopping (ordered, main alive, step 0) up, timer 2s
          resetFailed: stopping (ordered, main alive, step 0) down, timer 2s
          success: stopping (ordered, main gone, step 0) down, timer 2s → examine 1
          failure: stopping (ordered, main gone, step 0) down, timer 2s → examine 1
          deadline: stopping (ordered, main alive, step 1) down, timer 3s → SIGTERM to group, SIGCONT to group
          kill: stopping (ordered, main alive, kill 1) down, killed, timer 50ms → SIGKILL to group, SIGKILL to tree
          nothing: stop, launch, beginStop, spawned, missing, shortage, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer, pending

        commands: ordered, after stop
          start: stopping (ordered, main gone, step 0, errand after-stop) up
          restart: stopping (ordered, main gone, step 0, errand after-stop) up
          resetFailed: stopping (ordered, main gone, step 0, errand after-stop) down
          after-stop done: stopping (ordered, main gone, step 0) down → examine 1
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, ready, unhealthy, deadline, early timer, pending

        commands: ordered, after stop done
          start: stopping (ordered, main gone, step 0) up
          restart: stopping (ordered, main gone, step 0) up
          resetFailed: stopping (ordered, main gone, step 0) down
          tree empty: stopped down
          tree left: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          kill: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: ordered, after stop left something
          start: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms
          restart: stopping (ordered, main gone, kill 1 to all) up, killed, timer 50ms
          resetFailed: stopping (ordered, main gone, kill 1 to all) down, killed, timer 50ms
          tree empty: stopped down, killed
          deadline: stopping (ordered, main gone, kill 2 to all) down, killed, timer 100ms → SIGKILL to tree, examine 1
          kill: stopping (ordered, main gone, kill 2 to all) down, killed, timer 100ms → SIGKILL to tree, examine 1
          nothing: stop, launch, beginStop, spawned, missing, shortage, success, failure, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, early timer, pending

        commands: oneshot succeeded
          stop: stopping (ordered, main gone, no step) down
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (ended, main gone, no step) up
          tree empty: stopping (ended, main gone, no step, errand after-start) up → errand 1 after-start
          tree left: stopping (ended, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: start, launch, beginStop, spawned, missing, shortage, success, failure, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: oneshot succeeded, after start
          stop: stopping (ordered, main gone, step 0 to all) down, timer 2s → drop errand 1, SIGINT to tree, SIGCONT to tree, examine 1
          restart: stopping (ordered, main gone, step 0 to all) up, timer 2s → drop errand 1, SIGINT to tree, SIGCONT to tree, examine 1
          resetFailed: stopping (ended, main gone, no step, errand after-start) up
          after-start done: stopping (ended, main gone, no step) up → examine 1
          after-start failed: stopping (failed, main gone, no step) up → examine 1
          kill: stopping (ended, main gone, kill 1 to all) up, killed, timer 50ms → drop errand 1, SIGKILL to tree, examine 1
          nothing: start, launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-start done, before-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: oneshot, after start failed
          start: stopping (ordered, main gone, no step) up
          stop: stopping (ordered, main gone, no step) down
          restart: stopping (ordered, main gone, no step) up
          resetFailed: stopping (failed, main gone, no step) up
          tree empty: stopping (failed, main gone, no step, errand after-stop) up → errand 1 after-stop
          tree left: stopping (failed, main gone, step 0 to all) up, timer 2s → SIGINT to tree, SIGCONT to tree
          kill: stopping (failed, main gone, kill 1 to all) up, killed, timer 50ms → SIGKILL to tree, examine 1
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, pending

        commands: oneshot exited
          start: waiting up → ask to launch
          stop: exited down
          restart: waiting up → ask to launch
          resetFailed: exited up
          nothing: launch, beginStop, spawned, missing, shortage, success, failure, tree empty, tree left, before-start done, before-start failed, after-start done, after-start failed, before-stop done, after-stop done, ready, unhealthy, deadline, early timer, kill, pending
        """
}
