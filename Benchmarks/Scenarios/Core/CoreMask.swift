internal import CryptoCore
internal import Harness

/// The instruction sets that a worker's libcrypto, and our kernels with it, may use.
enum CoreMask: String, CaseIterable {
    case native, noifma, sse2

    /// What OPENSSL_ia32cap(3) is set to when the worker starts.
    var setting: String? {
        switch self {
        case .native: nil
        case .noifma: ":~0x200000"
        case .sse2: "0x78bffff:0"
        }
    }

    /// - Throws: `.notComparable` when the mask did not take effect: asserted by what libcrypto says, never assumed.
    func check(_ found: LibcryptoCapabilities, native: LibcryptoCapabilities) throws {
        let holds =
            switch self {
            case .native: found == native
            case .noifma: !found.hasIFMA
            case .sse2: found.isSSE2Only
            }
        guard holds else { throw Failure(.notComparable, "the mask \(rawValue) did not take effect in libcrypto") }
    }
}
