swift run mysupd check --config mysupd.toml
