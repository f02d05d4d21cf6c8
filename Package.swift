// swift-tools-version: 6.2

import PackageDescription

/// The strict settings that every target of the package shares.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

let package = Package(
    name: "juxtapose",
    products: [
        .executable(name: "juxtapose", targets: ["juxtapose"])
    ],
    traits: [
        .trait(name: "SwiftCrypto", description: "swift-crypto as one more reference of `juxtapose run --plan core`")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    ],
    targets: [
        .systemLibrary(name: "CGMP", pkgConfig: "gmp", providers: [.apt(["libgmp-dev"])]),
        .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),

        // Optimised in debug builds too: at -O0 a vector kernel keeps every register in memory.
        .target(name: "CMontgomery", dependencies: ["CGMP"], cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "CMemcheck"),
        .target(
            name: "CryptoCore", dependencies: ["CGMP", "CLibCrypto", "CMontgomery", "CMemcheck"], swiftSettings: strict),
        .target(name: "XMLSecurity", dependencies: ["CryptoCore", "CLibXML2"], swiftSettings: strict),
        .target(name: "Overlay", dependencies: ["CryptoCore", "XMLSecurity", nioCore], swiftSettings: strict),
        .target(
            name: "Transport", dependencies: ["Overlay", "XMLSecurity", "CryptoCore", nioCore, nioPosix, logging],
            swiftSettings: strict),
        .target(name: "Accounts", dependencies: ["Overlay", "CryptoCore", grdb], swiftSettings: strict),
        .target(name: "Metrology", dependencies: [histogram], swiftSettings: strict),
        .target(name: "Harness", dependencies: ["Metrology"], swiftSettings: strict),
        .target(name: "Projection", dependencies: ["Harness", "Metrology"], swiftSettings: strict),
        .target(name: "Reporting", dependencies: ["Projection", "Harness", "Metrology"], swiftSettings: strict),
        .target(
            name: "Scenarios",
            dependencies: [
                "Projection", "Harness", "Metrology", "Overlay", "Transport", "Accounts", "XMLSecurity", "CryptoCore",
                "CGMP", "CLibCrypto", "CLibXML2", nioCore, nioPosix, logging, grdb,
                .product(name: "Crypto", package: "swift-crypto", condition: .when(traits: ["SwiftCrypto"])),
                .product(name: "CryptoExtras", package: "swift-crypto", condition: .when(traits: ["SwiftCrypto"])),
            ],
            path: "Benchmarks/Scenarios", swiftSettings: strict),
        .executableTarget(
            name: "juxtapose",
            dependencies: [
                "Scenarios", "Reporting", "Projection", "Harness", "Metrology", "Overlay", "Transport", "Accounts",
                "XMLSecurity", "CryptoCore",
                nioCore, nioPosix, logging,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // What the probe (Benchmarks/Probe) plays between two processes; here for the test that holds it to the overlay.
        .target(
            name: "CoreScript", dependencies: ["CryptoCore"], path: "Benchmarks/CoreScript", swiftSettings: strict),

        // Looks for secrets in branches, addresses, timings and freed memory; `tools/leaks` builds and runs it.
        .executableTarget(
            name: "leakcheck", dependencies: ["Metrology", "CryptoCore", "CMemcheck", "CGMP", "CLibCrypto"],
            path: "tools/leakcheck",
            exclude: ["vectors.c", "emulated.h", "verdicts.supp"], swiftSettings: strict),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "CryptoCoreTests", dependencies: ["CryptoCore", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "XMLSecurityTests", dependencies: ["XMLSecurity", "CryptoCore", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "OverlayTests", dependencies: ["Overlay", "XMLSecurity", "CryptoCore", "TestSupport", nioCore],
            swiftSettings: strict),
        .testTarget(
            name: "PaperTests",
            dependencies: ["Overlay", "Transport", "Accounts", "XMLSecurity", "CryptoCore", "TestSupport", nioCore],
            swiftSettings: strict),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Transport", "Overlay", "Accounts", "CryptoCore", "TestSupport", nioCore, nioPosix, nioEmbedded,
                logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "AccountsTests", dependencies: ["Accounts", "Overlay", "CryptoCore", "TestSupport"],
            swiftSettings: strict),
        .testTarget(name: "MetrologyTests", dependencies: ["Metrology"], swiftSettings: strict),
        .testTarget(
            name: "HarnessTests", dependencies: ["Harness", "Metrology", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ProjectionTests", dependencies: ["Projection", "Harness"], swiftSettings: strict),
        .testTarget(
            name: "ReportingTests", dependencies: ["Reporting", "Projection", "Harness", "Metrology", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ScenariosTests", dependencies: ["Scenarios", "Harness", "CryptoCore"],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["juxtapose", "Scenarios", "CoreScript", "CryptoCore", "Harness", "TestSupport"],
            swiftSettings: strict),
    ]
)
