// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "vestibule",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .executable(name: "vestibule", targets: ["vestibule"]),
        .library(name: "VestibuleProtocol", targets: ["VestibuleProtocol"]),
        .library(name: "VestibuleAuth", targets: ["VestibuleAuth"]),
        .library(name: "VestibuleServer", targets: ["VestibuleServer"]),
        .library(name: "VestibuleClient", targets: ["VestibuleClient"]),
        .library(name: "VestibuleBuckets", targets: ["VestibuleBuckets"]),
        .library(name: "VestibuleHTTP", targets: ["VestibuleHTTP"]),
        .library(name: "VestibuleWeb", targets: ["VestibuleWeb"]),
        .library(name: "VestibuleTesting", targets: ["VestibuleTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/CoreOffice/XMLCoder.git", from: "0.18.2"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess.git", from: "1.0.2"),
    ],
    targets: [
        // What goes over the wire: JSON, JSON-RPC, MCP messages, headers. No I/O, no dependencies.
        .target(name: "VestibuleProtocol"),
        // Who may do what: keys, tokens, the gate. No HTTP server types.
        .target(
            name: "VestibuleAuth",
            dependencies: [
                "VestibuleProtocol",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]
        ),
        // The MCP endpoint, free of any HTTP engine.
        .target(
            name: "VestibuleServer",
            dependencies: [
                "VestibuleProtocol", "VestibuleAuth",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "VestibuleClient",
            dependencies: [
                "VestibuleProtocol",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(
                    name: "Subprocess", package: "swift-subprocess",
                    condition: .when(platforms: [.linux, .macOS])),
            ]
        ),
        .target(
            name: "VestibuleBuckets",
            dependencies: [
                "VestibuleProtocol", "VestibuleAuth", "VestibuleServer",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "XMLCoder", package: "XMLCoder"),
            ]
        ),
        // What a browser sees of a server: pages, modules, sign-in, the token endpoint, the operator's page.
        .target(
            name: "VestibuleWeb",
            dependencies: [
                "VestibuleProtocol", "VestibuleAuth", "VestibuleServer", "VestibuleClient",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            plugins: ["EmbedWeb"]
        ),
        // Puts the files of Web/ into VestibuleWeb as Swift source, and bundles its modules.
        .plugin(name: "EmbedWeb", capability: .buildTool(), dependencies: ["embed-web"]),
        .executableTarget(name: "embed-web"),
        // The Hummingbird adapter; the only target that knows Hummingbird.
        .target(
            name: "VestibuleHTTP",
            dependencies: [
                "VestibuleProtocol", "VestibuleAuth", "VestibuleServer",
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        // Fakes that users of the libraries may test with, too.
        .target(
            name: "VestibuleTesting",
            dependencies: [
                "VestibuleProtocol", "VestibuleAuth", "VestibuleServer", "VestibuleClient",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]
        ),
        // Configuration, commands and the composition root, as a library so that tests can reach them.
        .target(
            name: "VestibuleCommands",
            dependencies: [
                "VestibuleProtocol", "VestibuleAuth", "VestibuleServer", "VestibuleClient", "VestibuleBuckets",
                "VestibuleHTTP", "VestibuleWeb",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .executableTarget(name: "vestibule", dependencies: ["VestibuleCommands"]),

        // Programs to learn from: built with the tests, so that what the README shows compiles.
        .executableTarget(
            name: "example-server", dependencies: ["VestibuleServer"], path: "Examples/Server"),
        .executableTarget(
            name: "everything-server", dependencies: ["VestibuleServer", "VestibuleHTTP"],
            path: "Examples/Conformance/Server"),
        .executableTarget(
            name: "everything-client", dependencies: ["VestibuleClient"], path: "Examples/Conformance/Client"),
        // Does what it is told on standard input with one client: for tests with other people's servers.
        .executableTarget(
            name: "interop-client", dependencies: ["VestibuleClient"], path: "Examples/InteropClient"),

        .testTarget(name: "VestibuleProtocolTests", dependencies: ["VestibuleProtocol"]),
        .testTarget(
            name: "VestibuleAuthTests",
            dependencies: [
                "VestibuleAuth", "VestibuleTesting", .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),
        .testTarget(
            name: "VestibuleServerTests",
            dependencies: [
                "VestibuleServer", "VestibuleTesting", .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .testTarget(
            name: "VestibuleClientTests",
            dependencies: [
                "VestibuleProtocol", "VestibuleClient", "VestibuleTesting",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(name: "VestibuleBucketsTests", dependencies: ["VestibuleBuckets", "VestibuleTesting"]),
        .testTarget(
            name: "VestibuleWebTests",
            dependencies: [
                "VestibuleAuth", "VestibuleWeb", "VestibuleTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]),
        .testTarget(name: "EmbedWebTests", dependencies: ["embed-web"]),
        .testTarget(
            name: "VestibuleHTTPTests",
            dependencies: [
                "VestibuleHTTP", "VestibuleClient", "VestibuleTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "VestibuleAttackTests",
            dependencies: [
                "VestibuleAuth", "VestibuleHTTP", "VestibuleTesting",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "VestibuleEndToEndTests",
            dependencies: [
                "VestibuleHTTP", "VestibuleClient", "VestibuleTesting",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "VestibuleCommandsTests",
            dependencies: [
                "VestibuleCommands", "VestibuleHTTP", "VestibuleClient", "VestibuleTesting", "VestibuleWeb",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// Whoever fuzzes the configuration needs what is no product for anybody else.
if Context.environment["VESTIBULE_FUZZ"] != nil {
    package.products.append(.library(name: "VestibuleCommands", targets: ["VestibuleCommands"]))
}

for target in package.targets where target.type != .plugin {
    var settings = target.swiftSettings ?? []
    // SE-0335, SE-0444, SE-0409: existentials are spelt `any`, imports are explicit and internal by default.
    settings.append(.enableUpcomingFeature("ExistentialAny"))
    settings.append(.enableUpcomingFeature("MemberImportVisibility"))
    settings.append(.enableUpcomingFeature("InternalImportsByDefault"))
    // SE-0461: an async function runs where its caller runs, so the hot path has no executor hop.
    settings.append(.enableUpcomingFeature("NonisolatedNonsendingByDefault"))
    target.swiftSettings = settings
}
