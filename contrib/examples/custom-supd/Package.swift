// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "custom-supd",
    dependencies: [
        // The folder that supd is in, whatever its name. From a server: .package(url: "…/supd", from: "0.1.0")
        .package(name: "supd", path: "../../..")
    ],
    targets: [
        .executableTarget(
            name: "mysupd",
            dependencies: [
                "Greeter", .product(name: "SupdDaemon", package: "supd"),
                .product(name: "StandardPlugins", package: "supd"),
            ]),
        .target(name: "Greeter", dependencies: [.product(name: "SupdPlugin", package: "supd")]),
        .testTarget(
            name: "GreeterTests",
            dependencies: [
                "Greeter", "mysupd", .product(name: "StandardPlugins", package: "supd"),
                .product(name: "SupdPlugin", package: "supd"), .product(name: "SupdTesting", package: "supd"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
