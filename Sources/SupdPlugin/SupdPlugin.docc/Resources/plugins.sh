swift build
swift run mysupd plugins
