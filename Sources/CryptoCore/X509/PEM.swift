internal import CLibCrypto

/// Textual armour (RFC 7468) for certificates, requests and revocation lists.
public enum PEM {
    public static func encode(_ der: [UInt8], label: String) -> String {
        var text = [UInt8](repeating: 0, count: 4 * ((der.count + 2) / 3) + 1)
        let count = Int(EVP_EncodeBlock(&text, der, Int32(der.count)))
        var lines = "-----BEGIN " + label + "-----\n"
        var start = 0
        while start < count {
            let end = min(start + 64, count)
            lines += String(decoding: text[start..<end], as: UTF8.self) + "\n"
            start = end
        }
        return lines + "-----END " + label + "-----\n"
    }

    /// The first block with this label.
    /// - Throws: `.malformed` when there is none.
    public static func decode(_ text: [UInt8], label: String) throws(CryptoError) -> [UInt8] {
        let bio = try MemoryBIO(text.span.bytes)
        while true {
            var name: UnsafeMutablePointer<CChar>?
            var header: UnsafeMutablePointer<CChar>?
            var data: UnsafeMutablePointer<UInt8>?
            var count = 0
            guard PEM_read_bio(bio.handle, &name, &header, &data, &count) == 1 else {
                ERR_clear_error()
                throw .malformed("no PEM block of the expected kind")
            }
            defer {
                crypto_free(name)
                crypto_free(header)
                crypto_free(data)
            }
            guard let name, let data, String(cString: name) == label else { continue }
            return Array(UnsafeRawBufferPointer(start: data, count: count))
        }
    }
}
