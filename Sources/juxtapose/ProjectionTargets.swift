internal import ArgumentParser
internal import CryptoCore
internal import Harness
internal import Projection
internal import Scenarios

/// Work that is counted here and now, and the machines that it is projected to.
struct ProjectionTargets: ParsableArguments {
    @Option(help: "Suites, separated by commas.")
    var suites = "rsa1024,rsa2048"
    @Option(name: .customLong("to"), help: "Profiles, separated by commas: ids, or files.")
    var targets = "pentium-m-1.2,pentium-m-1.2-java6"
    @Option(help: "Seed of the draws.")
    var seed: UInt64 = 1
    @OptionGroup var profiles: ProfileFolder

    func projectors() throws -> [(projector: Projector, profile: ProfileReference)] {
        try targets.split(separator: ",").map { name in
            let (profile, reference) = try profiles.read(String(name))
            return (Projector(profile, seed: seed), reference)
        }
    }

    func tables() throws -> [WorkTable] {
        let named = try suites.split(separator: ",").map { name in
            guard let suite = SuiteName(argument: String(name))?.suite else {
                throw ValidationError("--suites: there is no suite '\(name)'")
            }
            return suite
        }
        return try named.map { try WorkTable.counted($0, note: note) }
    }
}
