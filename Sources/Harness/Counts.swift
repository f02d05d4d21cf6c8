/// Work counted instead of timed, schema `juxtapose.counts/1`: the same in every run on machines with the same key.
public struct Counts: Versioned, Equatable, Sendable {
    public static let schemaName = "juxtapose.counts/1"

    public var schema = Counts.schemaName
    public var key: CountKey
    public var suite: String
    /// Why instructions, allocations and system calls are null, where they are.
    @OrNull public var notCounted: String?
    /// Of the worker process, the kernel's high-water mark. Not the same in every run; never gated.
    public var peakResidentBytes: Int
    public var rows: [CountRow]

    public init(key: CountKey, suite: String, notCounted: String?, peakResidentBytes: Int, rows: [CountRow]) {
        self.key = key
        self.suite = suite
        self.notCounted = notCounted
        self.peakResidentBytes = peakResidentBytes
        self.rows = rows
    }
}

/// What must agree before two counts may be compared.
public struct CountKey: Codable, Equatable, Sendable {
    public var architecture: String
    /// The widest vector instructions that the counted program could see.
    public var instructionSet: String
    public var compiler: String
    /// Build ids of the shared libraries that the counted work runs in, by file name.
    public var libraries: [String: String]
    /// Null where nothing counted instructions.
    @OrNull public var valgrind: String?

    public init(
        architecture: String, instructionSet: String, compiler: String, libraries: [String: String], valgrind: String?
    ) {
        self.architecture = architecture
        self.instructionSet = instructionSet
        self.compiler = compiler
        self.libraries = libraries
        self.valgrind = valgrind
    }

    /// What differs from another key, in words; empty when counts may be compared.
    public func differences(from other: CountKey) -> [String] {
        var found: [String] = []
        func compare(_ what: String, _ own: String?, _ others: String?) {
            if own != others { found.append("\(what): \(own ?? "none") here, \(others ?? "none") in the baseline") }
        }
        compare("architecture", architecture, other.architecture)
        compare("instruction set", instructionSet, other.instructionSet)
        compare("compiler", compiler, other.compiler)
        for name in Set(libraries.keys).union(other.libraries.keys).sorted() {
            compare(name, libraries[name], other.libraries[name])
        }
        compare("valgrind", valgrind, other.valgrind)
        return found
    }
}

/// One operation's work. Null is "this machine cannot count it".
public struct CountRow: Codable, Equatable, Sendable {
    public var id: String
    public var engine: String
    @OrNull public var instructions: Int?
    /// Those of `instructions` that ran inside libcrypto and libgmp.
    @OrNull public var cryptoInstructions: Int?
    @OrNull public var allocations: Int?
    @OrNull public var systemCalls: Int?
    public var privateOperations: Int
    public var publicOperations: Int
    public var aeadBytes: Int
    public var hashedBytes: Int
    public var wireBytes: Int
    public var roundTrips: Int
    public var payloadBytesCopied: Int
    public var passwordHashes: Int

    public init(
        id: String, engine: String, privateOperations: Int, publicOperations: Int, aeadBytes: Int, hashedBytes: Int,
        wireBytes: Int, roundTrips: Int, payloadBytesCopied: Int, passwordHashes: Int
    ) {
        self.id = id
        self.engine = engine
        self.privateOperations = privateOperations
        self.publicOperations = publicOperations
        self.aeadBytes = aeadBytes
        self.hashedBytes = hashedBytes
        self.wireBytes = wireBytes
        self.roundTrips = roundTrips
        self.payloadBytesCopied = payloadBytesCopied
        self.passwordHashes = passwordHashes
    }

    /// Every figure by its name, as files and rules call it.
    public static let figures: [(name: String, value: @Sendable (CountRow) -> Int?)] = [
        ("instructions", { $0.instructions }), ("allocations", { $0.allocations }),
        ("systemCalls", { $0.systemCalls }), ("privateOperations", { $0.privateOperations }),
        ("publicOperations", { $0.publicOperations }), ("aeadBytes", { $0.aeadBytes }),
        ("hashedBytes", { $0.hashedBytes }), ("wireBytes", { $0.wireBytes }), ("roundTrips", { $0.roundTrips }),
        ("payloadBytesCopied", { $0.payloadBytesCopied }), ("passwordHashes", { $0.passwordHashes }),
    ]
}
