import CryptoCore
import Harness
import Scenarios
import Testing

@Suite("Instruction masks")
struct InstructionMaskTests {
    /// AVX, SSSE3 and AES in the first word, AVX-512 IFMA in the second.
    private let wide = LibcryptoCapabilities(words: (0x1200_0200_0000_0000 | 0x78b_ffff, 0x20_0000))
    private let noIFMA = LibcryptoCapabilities(words: (0x1200_0200_0000_0000 | 0x78b_ffff, 0x100))
    private let bare = LibcryptoCapabilities(words: (0x78b_ffff, 0))

    @Test("a mask holds only where libcrypto says so; one that did not take effect is not comparable")
    func assertion() throws {
        try InstructionMask.native.check(wide, native: wide)
        try InstructionMask.noifma.check(noIFMA, native: wide)
        try InstructionMask.sse2.check(bare, native: wide)
        for (mask, found) in [
            (InstructionMask.native, bare), (.noifma, wide), (.sse2, wide), (.sse2, noIFMA),
        ] {
            let failure = #expect(throws: Failure.self) { try mask.check(found, native: wide) }
            #expect(failure?.code == .notComparable)
        }
    }
}
