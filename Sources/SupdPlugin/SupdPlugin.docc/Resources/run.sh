swift run mysupd --config mysupd.toml --socket /tmp/mysupd.sock
