internal import CLibCrypto

/// HMAC (RFC 2104), HKDF (RFC 5869), PBKDF2 (RFC 8018 §5.2) and scrypt (RFC 7914) through libcrypto.
public enum KeyDerivation {
    public static func hmac(
        key: RawSpan, _ message: RawSpan, _ function: HashFunction = .sha256
    ) throws(CryptoError) -> [UInt8] {
        var mac = [UInt8](repeating: 0, count: function.size)
        let answered = key.withUnsafeBytes { key in
            message.withUnsafeBytes { message in
                // A key of no bytes still needs an address: HMAC reads nil as "keep the previous key".
                withUnsafePointer(to: UInt8(0)) { none in
                    HMAC(
                        function.evp, key.baseAddress ?? UnsafeRawPointer(none), Int32(key.count),
                        message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count, &mac, nil) != nil
                }
            }
        }
        guard answered else { throw .fromOpenSSL("HMAC") }
        return mac
    }

    /// HKDF-Extract then HKDF-Expand.
    /// - Parameter count: at most 255 times the hash's size.
    public static func hkdf(
        secret: RawSpan, salt: RawSpan, info: RawSpan, count: Int, _ function: HashFunction = .sha256
    ) throws(CryptoError) -> [UInt8] {
        guard count <= 255 * function.size else { throw .tooLong(limit: 255 * function.size, actual: count) }
        let extracted = try hmac(key: salt, secret, function)
        var output: [UInt8] = []
        var block: [UInt8] = []
        var counter: UInt8 = 1
        while output.count < count {
            info.withUnsafeBytes { block.append(contentsOf: $0) }
            block.append(counter)
            block = try hmac(key: extracted.span.bytes, block.span.bytes, function)
            output.append(contentsOf: block)
            counter &+= 1
        }
        return Array(output.prefix(count))
    }

    /// - Parameter iterations: at least 1.
    public static func pbkdf2(
        password: RawSpan, salt: RawSpan, iterations: Int, count: Int, _ function: HashFunction = .sha256
    ) throws(CryptoError) -> [UInt8] {
        guard iterations >= 1, iterations <= Int(Int32.max) else { throw .malformed("PBKDF2 iterations") }
        var output = [UInt8](repeating: 0, count: count)
        let status = password.withUnsafeBytes { password in
            salt.withUnsafeBytes { salt in
                PKCS5_PBKDF2_HMAC(
                    password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count),
                    salt.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(salt.count), Int32(iterations),
                    function.evp, Int32(count), &output)
            }
        }
        try check(status, "PKCS5_PBKDF2_HMAC")
        return output
    }

    /// - Parameters:
    ///   - cost: N, a power of two above 1. Memory is about `128 * N * r` bytes.
    ///   - memoryLimit: refused above this many bytes, before anything is allocated.
    public static func scrypt(
        password: RawSpan, salt: RawSpan, cost: UInt64, blockSize: UInt64, parallelism: UInt64, count: Int,
        memoryLimit: UInt64 = 64 << 20
    ) throws(CryptoError) -> [UInt8] {
        let phase = Phase.begin()
        defer { phase.end("password hash") }
        var output = [UInt8](repeating: 0, count: count)
        let status = password.withUnsafeBytes { password in
            salt.withUnsafeBytes { salt in
                EVP_PBE_scrypt(
                    password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count,
                    salt.baseAddress?.assumingMemoryBound(to: UInt8.self), salt.count, cost, blockSize, parallelism,
                    memoryLimit, &output, count)
            }
        }
        try check(status, "EVP_PBE_scrypt")
        OperationTally.countPasswordHash()
        return output
    }
}
