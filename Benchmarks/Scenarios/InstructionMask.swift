package import CryptoCore
internal import Foundation
internal import Harness

/// The instruction sets that libcrypto, and our kernels with it, may use: a property of a process from its start.
public enum InstructionMask: String, CaseIterable, Sendable {
    /// Whatever the machine has, or whatever mask this program was started under.
    case native
    /// All but AVX-512 IFMA.
    case noifma
    /// Nothing past SSE2.
    case sse2

    /// What OPENSSL_ia32cap(3) is set to when the process starts.
    var setting: String? {
        switch self {
        case .native: nil
        case .noifma: ":~0x200000"
        case .sse2: "0x78bffff:0"
        }
    }

    /// What a process under the mask is started with.
    var environment: [String: String] { setting.map { ["OPENSSL_ia32cap": $0] } ?? [:] }

    /// Puts this process, and every process that it will start, under the mask: it starts itself again, once.
    /// - Throws: `.notComparable` when the mask did not take effect.
    public func enter() throws {
        guard let setting else { return }
        if ProcessInfo.processInfo.environment["OPENSSL_ia32cap"] == setting {
            return try check(.current, native: .current)
        }
        setenv("OPENSSL_ia32cap", setting, 1)
        var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
        execv("/proc/self/exe", &arguments)
        throw Failure(.internalError, "this program cannot start itself again: \(String(cString: strerror(errno)))")
    }

    /// Asserted by what libcrypto says, never assumed.
    /// - Parameter native: what libcrypto says without a mask of ours.
    /// - Throws: `.notComparable` when the mask did not take effect.
    package func check(_ found: LibcryptoCapabilities, native: LibcryptoCapabilities) throws {
        let holds =
            switch self {
            case .native: found == native
            case .noifma: !found.hasIFMA
            case .sse2: found.isSSE2Only
            }
        guard holds else { throw Failure(.notComparable, "the mask \(rawValue) did not take effect in libcrypto") }
    }
}
