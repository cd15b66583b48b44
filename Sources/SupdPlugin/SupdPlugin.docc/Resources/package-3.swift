// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "custom-supd",
    dependencies: [
        // Elsewhere: .package(url: "…/supd", from: "0.1.0")
        .package(name: "supd", path: "../../..")
    ],
    targets: [
        .target(name: "Greeter", dependencies: [.product(name: "SupdPlugin", package: "supd")]),
        .executableTarget(
            name: "mysupd", dependencies: ["Greeter", .product(name: "SupdDaemon", package: "supd")]),
        .testTarget(
            name: "GreeterTests",
            dependencies: [
                "Greeter", "mysupd", .product(name: "SupdPlugin", package: "supd"),
                .product(name: "SupdTesting", package: "supd"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
