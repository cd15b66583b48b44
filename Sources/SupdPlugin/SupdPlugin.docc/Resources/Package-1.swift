// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "custom-supd",
    dependencies: [
        // The folder that supd is in, whatever its name. From a server: .package(url: "…/supd", from: "0.1.0")
        .package(name: "supd", path: "../supd")
    ],
    targets: [
        .executableTarget(
            name: "mysupd",
            dependencies: [
                .product(name: "SupdDaemon", package: "supd"), .product(name: "StandardPlugins", package: "supd"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
