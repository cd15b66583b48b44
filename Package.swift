// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "supd",
    products: [
        .executable(name: "supd", targets: ["supd"]),
        .executable(name: "supctl", targets: ["supctl"]),
        .library(name: "SupdPlugin", targets: ["SupdPlugin", "SupdJSON"]),
        .library(name: "SupdDaemon", targets: ["SupdDaemon"]),
        .library(name: "SupdClient", targets: ["SupdClient"]),
        .library(name: "SupdTesting", targets: ["SupdTesting"]),
        // The plugins that come with supd: all of them, and each by itself.
        .library(name: "StandardPlugins", targets: ["StandardPlugins"]),
        .library(name: "RestartPolicies", targets: ["RestartPolicies"]),
        .library(name: "Backoffs", targets: ["Backoffs"]),
        .library(name: "ShutdownHooks", targets: ["ShutdownHooks"]),
        .library(name: "Probes", targets: ["Probes"]),
        .library(name: "Notify", targets: ["Notify"]),
        .library(name: "Schedule", targets: ["Schedule"]),
        .library(name: "LifecycleServices", targets: ["LifecycleServices"]),
    ],
    // What a daemon can do without, and would pay for in size: `swift build --traits HTTP`.
    traits: [
        .trait(name: "HTTP", description: "The shutdown hook 'http' and the webhook of Notify."),
        .trait(name: "ServiceLifecycle", description: "The plugin LifecycleServices, for a supd of your own."),
        .default(enabledTraits: []),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Of the traits. Without them these are neither fetched nor built.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C and the operating system.
        .target(name: "CSupd"),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "SupdArguments", dependencies: ["CSupd"]),

        // Values: no system call below this line and above the next.
        .target(name: "SupdPlugin", dependencies: ["SupdJSON", .product(name: "Logging", package: "swift-log")]),
        .target(name: "SupdEngine", dependencies: ["SupdPlugin"]),
        .target(name: "SupdJSON"),
        .target(name: "SupdTOML"),
        .target(name: "SupdProtocol", dependencies: ["SupdJSON", "SupdPlugin"]),
        .target(name: "SupdConfiguration", dependencies: ["SupdTOML", "SupdPlugin"]),

        // The shell that acts.
        .target(
            name: "SupdHost",
            dependencies: [
                "CSupd", "SupdEngine", "SupdPlugin",
                .product(name: "HeapModule", package: "swift-collections"),
            ]
        ),
        .target(name: "SupdSystemd", dependencies: ["CSupd", "CSystemd", "SupdHost", "SupdPlugin"]),
        .target(
            name: "SupdDaemon",
            dependencies: [
                "SupdArguments", "SupdPlugin", "SupdEngine", "SupdJSON", "SupdProtocol", "SupdConfiguration",
                "SupdHost", "SupdSystemd",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(name: "SupdConnection", dependencies: ["SupdProtocol", "SupdJSON", "SupdPlugin"]),
        .target(name: "SupdClient", dependencies: ["SupdConnection", "SupdProtocol", "SupdJSON", "SupdPlugin"]),
        .target(
            name: "SupdTesting",
            dependencies: ["SupdDaemon", "SupdConfiguration", "SupdHost", "SupdEngine", "SupdPlugin"]),

        // The programs.
        // What is wrapped in both: see Sources/CSupd/before_main.c.
        .executableTarget(
            name: "supd", dependencies: ["SupdDaemon", "StandardPlugins"],
            linkerSettings: [
                .unsafeFlags(
                    ["-Xlinker", "--wrap=swift_copyAuxiliaryExecutablePath"], .when(configuration: .release))
            ]),
        // Static: it asks the C library for no names, and loading libraries took a third of `supctl status`.
        .executableTarget(
            name: "supctl",
            dependencies: ["SupdArguments", "SupdConnection", "SupdProtocol", "SupdJSON", "SupdPlugin"],
            linkerSettings: [
                .unsafeFlags(
                    [
                        "-static-executable", "-Xlinker", "--wrap=swift_copyAuxiliaryExecutablePath",
                        "-Xlinker", "--wrap=_dl_get_origin", "-Xlinker", "--wrap=libdispatch_init",
                    ],
                    .when(configuration: .release))
            ]),

        // Plugins of supd (not of SwiftPM): they import SupdPlugin and nothing else of supd. The first is the list of those
        // that a supd has unless it is told otherwise.
        .target(
            name: "StandardPlugins",
            dependencies: [
                "SupdPlugin", "RestartPolicies", "Backoffs", "ShutdownHooks", "Probes", "Notify", "Schedule",
            ],
            path: "Plugins/StandardPlugins"),
        .target(name: "RestartPolicies", dependencies: ["SupdPlugin"], path: "Plugins/RestartPolicies"),
        .target(name: "Backoffs", dependencies: ["SupdPlugin"], path: "Plugins/Backoffs"),
        .target(name: "PluginNetwork", dependencies: ["SupdPlugin"], path: "Plugins/Network"),
        .target(
            name: "ShutdownHooks", dependencies: ["SupdPlugin", "PluginNetwork", "HTTPCalls"],
            path: "Plugins/ShutdownHooks"),
        .target(name: "Probes", dependencies: ["SupdPlugin", "PluginNetwork", "HTTPCalls"], path: "Plugins/Probes"),
        .target(name: "Notify", dependencies: ["SupdPlugin", "HTTPCalls"], path: "Plugins/Notify"),
        .target(name: "Schedule", dependencies: ["SupdPlugin"], path: "Plugins/Schedule"),
        // The HTTP client of these; without the trait it knows its options and refuses them.
        .target(
            name: "HTTPCalls",
            dependencies: [
                "SupdPlugin",
                .product(name: "AsyncHTTPClient", package: "async-http-client", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOCore", package: "swift-nio", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOHTTP1", package: "swift-nio", condition: .when(traits: ["HTTP"])),
                .product(name: "NIOPosix", package: "swift-nio", condition: .when(traits: ["HTTP"])),
            ],
            path: "Plugins/HTTPCalls"
        ),
        // Empty without its trait. It cannot be named like the module that it adapts.
        .target(
            name: "LifecycleServices",
            dependencies: [
                "SupdPlugin",
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])),
            ],
            path: "Plugins/ServiceLifecycle"
        ),

        // A child that behaves and misbehaves on request, for the tests.
        .executableTarget(name: "testchild", path: "Tests/Fixtures/testchild"),

        // A service that says of itself by libsystemd what sd_notify(3) knows.
        .executableTarget(name: "sdchild", dependencies: ["CSystemd"], path: "Tests/Fixtures/sdchild"),

        // A daemon with plugins that misbehave on request.
        .executableTarget(
            name: "troubled",
            dependencies: [
                "SupdDaemon", "SupdPlugin", "RestartPolicies", "Backoffs", "LifecycleServices",
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])),
            ],
            path: "Tests/Fixtures/troubled"),

        // A process whose standing with systemd the tests make up.
        .executableTarget(
            name: "linkprobe", dependencies: ["SupdSystemd", "SupdHost"], path: "Tests/Fixtures/linkprobe"),

        // System calls for the acceptance tests that Swift's Glibc module does not show.
        .target(name: "CAcceptance", path: "Tests/Fixtures/CAcceptance"),

        // The same for the host's tests.
        .target(name: "CHostTests", path: "Tests/Fixtures/CHostTests"),

        // A control socket that answers as a test tells it to.
        .target(
            name: "FakeDaemon", dependencies: ["SupdProtocol", "SupdJSON", "TestThreads"],
            path: "Tests/Fixtures/FakeDaemon"),

        // An HTTP server that answers as a test tells it to.
        .target(name: "FakeServer", dependencies: ["TestThreads"], path: "Tests/Fixtures/FakeServer"),
        .target(name: "TestThreads", path: "Tests/Support/TestThreads"),

        // Chance that can be had again.
        .target(name: "TestChance", path: "Tests/Support/TestChance"),

        // The schema of the control protocol, to hold real messages against.
        .target(name: "ProtocolSchema", dependencies: ["SupdJSON"], path: "Tests/Support/ProtocolSchema"),

        // The documents, to hold what they say against what the sources have.
        .target(name: "Manuals", path: "Tests/Support/Manuals"),

        // What has to be printed, in files.
        .target(name: "GoldenFiles", path: "Tests/Support/GoldenFiles"),

        .testTarget(name: "SupdPluginTests", dependencies: ["SupdPlugin"]),
        // What must always hold of the machines, for every test that drives them.
        .target(name: "EngineChecks", dependencies: ["SupdEngine", "SupdPlugin"], path: "Tests/Support/EngineChecks"),
        .testTarget(
            name: "SupdEngineTests",
            dependencies: ["SupdEngine", "SupdPlugin", "EngineChecks", "RestartPolicies", "Backoffs", "TestChance"]
        ),
        .testTarget(name: "SupdJSONTests", dependencies: ["SupdJSON", "TestChance"]),
        .testTarget(name: "SupdTOMLTests", dependencies: ["SupdTOML", "SupdJSON", "TestChance"]),
        .testTarget(
            name: "SupdProtocolTests",
            dependencies: ["SupdProtocol", "SupdJSON", "SupdPlugin", "ProtocolSchema", "Manuals", "TestChance"]),
        .testTarget(
            name: "SupdConfigurationTests",
            dependencies: [
                "SupdConfiguration", "SupdPlugin", "RestartPolicies", "Backoffs", "StandardPlugins", "GoldenFiles",
                "Manuals", "TestChance",
            ],
            exclude: ["Golden"]
        ),
        .testTarget(
            name: "SupdHostTests",
            dependencies: ["SupdHost", "SupdPlugin", "CSupd", "CHostTests", "testchild", "TestChance"]),
        .testTarget(
            name: "SupdSystemdTests",
            dependencies: ["SupdSystemd", "SupdHost", "SupdPlugin", "linkprobe", "TestChance"]),
        .testTarget(
            name: "SupdDaemonTests",
            dependencies: [
                "SupdDaemon", "SupdTesting", "SupdHost", "SupdEngine", "SupdConfiguration", "SupdProtocol", "SupdJSON",
                "SupdPlugin", "RestartPolicies", "Backoffs", "EngineChecks", "GoldenFiles", "Manuals", "TestChance",
            ],
            exclude: ["Main/Golden"]
        ),
        .testTarget(
            name: "SupdClientTests",
            dependencies: ["SupdClient", "SupdConnection", "SupdProtocol", "SupdJSON", "SupdPlugin", "FakeDaemon"]),
        .testTarget(
            name: "SupctlTests",
            dependencies: [
                "supctl", "SupdConnection", "SupdProtocol", "SupdJSON", "SupdPlugin", "FakeDaemon", "GoldenFiles",
                "Manuals",
            ],
            exclude: ["Golden"]),
        .testTarget(name: "SupdTestingTests", dependencies: ["SupdTesting", "SupdPlugin", "StandardPlugins"]),
        .testTarget(name: "RestartPoliciesTests", dependencies: ["RestartPolicies", "SupdPlugin", "SupdTesting"]),
        .testTarget(name: "BackoffsTests", dependencies: ["Backoffs", "SupdPlugin"]),
        .target(name: "PluginFakes", dependencies: ["SupdPlugin", "HTTPCalls"], path: "Tests/Support/PluginFakes"),
        .testTarget(name: "HTTPCallsTests", dependencies: ["HTTPCalls", "SupdPlugin", "FakeServer"]),
        .testTarget(
            name: "ShutdownHooksTests",
            dependencies: ["ShutdownHooks", "PluginNetwork", "HTTPCalls", "SupdPlugin", "PluginFakes"]),
        .testTarget(
            name: "ProbesTests", dependencies: ["Probes", "PluginNetwork", "HTTPCalls", "SupdPlugin", "PluginFakes"]),
        .testTarget(name: "NotifyTests", dependencies: ["Notify", "HTTPCalls", "SupdPlugin", "PluginFakes"]),
        .testTarget(name: "ScheduleTests", dependencies: ["Schedule", "SupdPlugin", "SupdTesting", "TestChance"]),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: [
                "supd", "supctl", "troubled", "testchild", "sdchild", "CAcceptance", "FakeDaemon", "FakeServer",
                "ProtocolSchema", "SupdClient", "SupdConnection", "SupdProtocol", "SupdPlugin", "TestThreads",
            ],
            path: "Tests/Acceptance"
        ),
    ]
)

// One place for the rules that every Swift target obeys.
let rules: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
let cTargets: Set<String> = ["CSupd", "CSystemd", "CAcceptance", "CHostTests", "testchild", "sdchild"]
for target in package.targets where !cTargets.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + rules
}
