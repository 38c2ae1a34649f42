// swift-tools-version: 6.2
import PackageDescription

// What Vestibule costs, beside what else there is. A package of its own, so that nobody who uses Vestibule builds the
// peers that it is measured against. `make bench` runs it.
let package = Package(
    name: "vestibule-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vestibule", path: ".."),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/vapor/jwt-kit.git", from: "5.7.1"),
    ],
    targets: [
        // Functions, measured one against the other within one process.
        .executableTarget(
            name: "micro",
            dependencies: [
                "Measuring",
                .product(name: "VestibuleAuth", package: "vestibule"),
                .product(name: "VestibuleProtocol", package: "vestibule"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ]
        ),
        // The cost of a request as there are more tokens, sessions, rules and tools.
        .executableTarget(
            name: "growth",
            dependencies: [
                "Measuring",
                .product(name: "VestibuleAuth", package: "vestibule"),
                .product(name: "VestibuleProtocol", package: "vestibule"),
                .product(name: "VestibuleServer", package: "vestibule"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ]
        ),
        .target(name: "Measuring"),
        // Servers that do nothing but send the reply that they are given.
        .executableTarget(
            name: "bare-nio",
            dependencies: [
                "CannedReply",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "bare-hummingbird",
            dependencies: [
                "CannedReply",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                // Built along with these, so that one build makes all that is measured.
                .product(name: "vestibule", package: "vestibule"),
            ]
        ),
        .target(name: "CannedReply"),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
