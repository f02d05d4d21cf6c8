internal import CLibCrypto
internal import CMontgomery

/// Who computes the modular exponentiations. Encodings and checks stand once, above every engine.
public enum RSAEngine: CaseIterable, Sendable {
    /// Our CRT on GMP's constant-time limb functions.
    case gmp
    /// libcrypto's RSA, which dispatches to the widest vector code the processor has.
    case openSSL
    /// Our CRT on our own AVX-512 IFMA kernels. A key they have no shape for is served as by `gmp`.
    case ifma
    /// Our CRT on two lanes of SSE2, private operations only: the fast way on a 32-bit processor.
    case sse2
    /// Our CRT on columns of x86-64 products. A length that has no columns is served as by `gmp`.
    case x64

    public var name: StaticString {
        switch self {
        case .gmp: "gmp"
        case .openSSL: "openSSL"
        case .ifma: "ifma"
        case .sse2: "sse2"
        case .x64: "x64"
        }
    }

    public init?(name: String) {
        for engine in RSAEngine.allCases where "\(engine.name)" == name {
            self = engine
            return
        }
        return nil
    }

    /// Whether this process may run it. The vector kernels follow the mask that `OPENSSL_ia32cap` sets for libcrypto,
    /// so that one mask holds for everything that is compared.
    public var isAvailable: Bool {
        switch self {
        case .gmp, .openSSL: true
        case .ifma: Self.hasVectors
        case .sse2: mont_pairs_available() != 0
        case .x64: mont_columns_available() != 0
        }
    }

    /// What ``isAvailable`` asks for, after "needs".
    public var requirement: StaticString {
        switch self {
        case .gmp, .openSSL: "nothing"
        case .ifma: "AVX-512 IFMA, which this processor lacks or OPENSSL_ia32cap masks"
        case .sse2: "SSE2, for which this program was not built"
        case .x64: "an x86-64 processor"
        }
    }

    /// The engines of ``allCases`` that this process may run.
    public static var available: [RSAEngine] { allCases.filter { $0.isAvailable } }

    private static let hasVectors = mont_vectors_available() != 0 && LibcryptoCapabilities.current.hasIFMA

    /// The kernel under an engine of our own; nil for libcrypto.
    var kernel: Kernel? {
        switch self {
        case .gmp: .limbs
        case .openSSL: nil
        case .ifma: .vectors
        case .sse2: .pairs
        case .x64: .columns
        }
    }
}

/// Which engine serves which operation: keys are bound to their engines when they are parsed.
public struct EngineTable: Equatable, Sendable {
    /// Signing and unwrapping.
    public let `private`: RSAEngine
    /// Verifying and wrapping.
    public let `public`: RSAEngine

    public init(private: RSAEngine, public: RSAEngine) {
        self.private = `private`
        self.public = `public`
    }

    /// The same engine for both.
    public init(_ engine: RSAEngine) {
        self.init(private: engine, public: engine)
    }

    /// "ifma", or "openSSL,gmp" where the public operation has an engine of its own.
    public var name: String {
        let (signing, verifying) = ("\(self.private.name)", "\(self.public.name)")
        return signing == verifying ? signing : "\(signing),\(verifying)"
    }

    /// - Parameter name: as ``name``.
    public init?(name: String) {
        let names = name.split(separator: ",", omittingEmptySubsequences: false)
        guard let first = names.first, let last = names.last, names.count <= 2,
            let signing = RSAEngine(name: String(first)), let verifying = RSAEngine(name: String(last))
        else { return nil }
        self.init(private: signing, public: verifying)
    }
}
