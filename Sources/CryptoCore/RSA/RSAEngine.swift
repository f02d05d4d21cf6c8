/// Who computes the modular exponentiations. Encodings and checks stand once, above every engine.
public enum RSAEngine: UInt8, CaseIterable, Sendable {
    /// Our CRT on GMP's constant-time `mpn_sec_*` functions, with base blinding and a check of every result.
    case gmp
    /// libcrypto's RSA, which dispatches to the widest vector code the processor has.
    case openSSL

    public var name: StaticString {
        switch self {
        case .gmp: "gmp"
        case .openSSL: "openSSL"
        }
    }
}

/// Which engine serves which key size: keys are bound to their engine when they are parsed.
public struct EngineTable: Equatable, Sendable {
    /// One entry per size class: up to 1024, 2048, 3072 bits, and above.
    private var engines: (RSAEngine, RSAEngine, RSAEngine, RSAEngine)

    /// The same engine for every key size.
    public init(_ engine: RSAEngine) {
        engines = (engine, engine, engine, engine)
    }

    public subscript(modulusBits bits: Int) -> RSAEngine {
        get {
            if bits <= 1024 { return engines.0 }
            if bits <= 2048 { return engines.1 }
            if bits <= 3072 { return engines.2 }
            return engines.3
        }
        set {
            if bits <= 1024 {
                engines.0 = newValue
            } else if bits <= 2048 {
                engines.1 = newValue
            } else if bits <= 3072 {
                engines.2 = newValue
            } else {
                engines.3 = newValue
            }
        }
    }

    public static func == (left: EngineTable, right: EngineTable) -> Bool { left.engines == right.engines }
}
