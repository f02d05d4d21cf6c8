import CProcess
import CryptoCore

/// `--isa pentium-m`: libcrypto's i386 code as on a Pentium M, whatever this processor has more.
enum Mask {
    /// OPENSSL_ia32cap(3): CPUID's leaf 1 of a 6d8 in the first number, nothing of leaf 7.
    private static let pentiumM = "0x7808010:0"

    /// Starts this program again under the mask, once, and asserts that it took effect.
    static func enter(_ name: String?) {
        guard let name, name != "native" else { return }
        guard name == "pentium-m" else {
            Output.note("probe: --isa is native or pentium-m\n")
            probe_exit(64)
            return
        }
        if probe_is_set("OPENSSL_ia32cap", pentiumM) == 0 {
            probe_start_again("OPENSSL_ia32cap", pentiumM)
            Output.note("probe: cannot start itself again\n")
            probe_exit(1)
        }
        // libcrypto sets bits of its own use; of what a processor may have, nothing past SSE2 may be left.
        guard LibcryptoCapabilities.current.isSSE2Only else {
            Output.note("probe: the mask pentium-m did not take effect in libcrypto\n")
            probe_exit(6)
            return
        }
    }
}
