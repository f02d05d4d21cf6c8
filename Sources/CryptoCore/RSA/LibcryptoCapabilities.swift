internal import CLibCrypto

/// What libcrypto believes of the processor, after any mask that `OPENSSL_ia32cap` set when this process started.
package struct LibcryptoCapabilities: Equatable {
    /// OPENSSL_ia32cap(3): CPUID leaf 1 in the first word, leaf 7 in the second.
    package let words: (first: UInt64, second: UInt64)

    package init(words: (first: UInt64, second: UInt64)) { self.words = words }

    package static var current: LibcryptoCapabilities {
        // Text like OPENSSL_ia32cap=0x7ffaf3ffffebffff:0x18405fcef1bf27eb
        guard var cursor = OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS) else { return LibcryptoCapabilities(words: (0, 0)) }
        func next(after mark: UInt8) -> UInt64 {
            while cursor.pointee != 0, cursor.pointee != CChar(bitPattern: mark) { cursor += 1 }
            return cursor.pointee == 0 ? 0 : UInt64(crypto_read_hexadecimal(cursor + 1))
        }
        return LibcryptoCapabilities(words: (next(after: UInt8(ascii: "=")), next(after: UInt8(ascii: ":"))))
    }

    package var hasIFMA: Bool { words.second >> 21 & 1 == 1 }
    /// Whether nothing past SSE2 is left: no SSSE3, no AVX, no AES instructions, and nothing of leaf 7.
    package var isSSE2Only: Bool { words.second == 0 && words.first >> 32 & (1 << 9 | 1 << 28 | 1 << 25) == 0 }

    package static func == (left: LibcryptoCapabilities, right: LibcryptoCapabilities) -> Bool {
        left.words == right.words
    }
}
