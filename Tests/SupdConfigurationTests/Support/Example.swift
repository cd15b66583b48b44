/// A configuration that uses nearly everything, for tests that break it.
enum Example {
    static let text = """
        # Everything at once.
        include = ["conf.d/*.toml", "extra.toml"]

        [supervisor]
        socket = "/run/supd/control.sock"
        control_groups = "auto"
        exit_when = "all-exited"
        start_parallelism = 16

        [supervisor.drain]
        timeout = "1min 30s"
        services = 40.5

        [defaults]
        user = "jo"
        log = { sink = "file", file = "/var/log/%n%i.log", rotate_size = "1MiB" }
        environment = { LANG = "C.UTF-8", SHARE = "100%%" }
        limits = { nofile = "1024:65536", core = 0 }
        backoff = { policy = "linear", initial = "100ms", step = 0.5, max = "10s", jitter = "equal" }

        [service.db]
        description = "the databäse"
        exec_start = '/usr/lib/db -D "$DATA dir" a\\ b ${X}$Y $$ %% %i'
        type = "exec"
        umask = 0o027
        exec_start_pre = [["-/usr/lib/db-check", "--all"], { command = "db-init $A", timeout = "5s" }]
        exec_stop = "/usr/lib/db-stop $MAINPID"
        resources = { memory_max = "512MiB", cpu_max = "150%", pids_max = "max" }
        sockets = [
            { name = "sql", listen = "127.0.0.1:5432" }, { name = "local", listen = "/run/db.sock", mode = "0660" },
            { name = "hidden", listen = "@database-of-this-machine" },
        ]
        runtime_max = "7d"
        stop_steps = [{ signal = "SIGINT", wait = "30s" }, { signal = "SIGQUIT", wait = "5s" }]
        success_exit_status = [0, 3, "SIGTERM"]
        restart_prevent_exit_status = 4
        timeout_start = "infinity"
        environment_files = ["/etc/default/db", "-/etc/optional"]

        [service.web]
        exec_start = ["/usr/bin/web", "--port", "8080"]
        instances = 3
        requires = ["db"]
        after = "cache"
        restart = { policy = "always" }
        start_limit_burst = 5
        start_limit_interval = "1d"
        kill_signal = "SIGTERM"
        timeout_stop = "10s"
        group = 44
        supplementary_groups = ["adm", 7]

        [service.cache]
        exec_start = '''
        /usr/bin/cache \\
            --memory 64M'''
        tags = ["front", "memory"]
        before = ["worker"]
        [service.worker]
        exec_start = "worker"
        wants = "db"
        part_of = ["db", "web"]
        binds_to = "web"
        nice = -5
        """

    static let files = [
        "/etc/supd/conf.d/a.toml": "[service.extra1]\nexec_start = \"a\"\nafter = \"web\"\n",
        "/etc/supd/extra.toml": "service.extra2.exec_start = ['b']\n",
    ]
}
