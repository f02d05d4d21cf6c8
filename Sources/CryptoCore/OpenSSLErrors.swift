internal import CLibCrypto

extension CryptoError {
    /// The error for a failed libcrypto call; drains the thread's error queue so that nothing stale is read later.
    static func fromOpenSSL(_ operation: StaticReason) -> CryptoError {
        let code = UInt(ERR_get_error())
        ERR_clear_error()
        return .openSSL(operation: operation, code: code)
    }
}

/// Throws unless a libcrypto call answered 1.
@inline(__always)
func check(_ status: Int32, _ operation: StaticReason) throws(CryptoError) {
    guard status == 1 else { throw .fromOpenSSL(operation) }
}

/// Throws when a libcrypto constructor answered nil.
@inline(__always)
func made<Pointer>(_ pointer: Pointer?, _ operation: StaticReason) throws(CryptoError) -> Pointer {
    guard let pointer else { throw .fromOpenSSL(operation) }
    return pointer
}
