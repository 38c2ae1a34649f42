// swift-tools-version: 6.2
import PackageDescription

// Built by `make fuzz`, which passes the flags that libFuzzer and AddressSanitizer need. The parsers are compiled
// together with everything below them, so that a fuzzer sees every branch of what it is after.

let package = Package(
    name: "vestibule-fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [
        // By name, since the folder of a checkout may have any.
        .package(name: "vestibule", path: ".."),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
    ],
    targets: [
        // The one function of libFuzzer that Swift calls.
        .target(name: "CLibFuzzer"),
        .target(name: "FuzzSupport", dependencies: ["CLibFuzzer"]),
        .executableTarget(
            name: "FuzzJSON",
            dependencies: ["FuzzSupport", .product(name: "VestibuleProtocol", package: "vestibule")]),
        .executableTarget(
            name: "FuzzEnvelope",
            dependencies: ["FuzzSupport", .product(name: "VestibuleProtocol", package: "vestibule")]),
        .executableTarget(
            name: "FuzzSSE",
            dependencies: ["FuzzSupport", .product(name: "VestibuleProtocol", package: "vestibule")]),
        .executableTarget(
            name: "FuzzSchema",
            dependencies: ["FuzzSupport", .product(name: "VestibuleProtocol", package: "vestibule")]),
        .executableTarget(
            name: "FuzzMCP",
            dependencies: ["FuzzSupport", .product(name: "VestibuleProtocol", package: "vestibule")]),
        .executableTarget(
            name: "FuzzJWS",
            dependencies: [
                "FuzzSupport", .product(name: "VestibuleProtocol", package: "vestibule"),
                .product(name: "VestibuleAuth", package: "vestibule"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .executableTarget(
            name: "FuzzJWKS",
            dependencies: [
                "FuzzSupport", .product(name: "VestibuleProtocol", package: "vestibule"),
                .product(name: "VestibuleAuth", package: "vestibule"),
            ]),
        .executableTarget(
            name: "FuzzYAML",
            dependencies: [
                "FuzzSupport", .product(name: "VestibuleProtocol", package: "vestibule"),
                .product(name: "VestibuleCommands", package: "vestibule"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
