supctl --socket /tmp/mysupd.sock status
supctl --socket /tmp/mysupd.sock plugins
supctl --socket /tmp/mysupd.sock tasks
supctl --socket /tmp/mysupd.sock shutdown --wait
