public import CryptoCore

/// connect and login (2.1): user name and password in clear.
extension CoreScript {
    public func connect() throws(CryptoError) -> [UInt8] {
        // A client knows its own id by its key.
        _ = try Self.peerID(of: clientKey.publicKey)
        return []
    }

    public func answerConnect() throws(CryptoError) -> [UInt8] {
        Array(broker.certificate.extensions.peerID.utf8)
    }

    public func login() -> [UInt8] { Fields.encode([Self.bytes(Self.user), Self.bytes(Self.password)]) }

    /// The password check is the plain join's only work.
    public func answerLogin(_ request: [UInt8]) throws(CryptoError) -> [UInt8] {
        var fields = Fields(request)
        let (user, password) = (try fields.next(), try fields.next())
        try checkPassword(user, password)
        return Self.bytes(Self.group)
    }

    public func finishLogin(_ reply: [UInt8]) throws(CryptoError) {
        guard reply == Self.bytes(Self.group) else { throw .malformed("no membership") }
    }

    func checkPassword(_ user: [UInt8], _ password: [UInt8]) throws(CryptoError) {
        let derived = try Self.hash(password, salt, passwordCost)
        guard user == Self.bytes(Self.user), constantTimeEqual(derived.span.bytes, passwordHash.span.bytes) else {
            throw .openingFailed
        }
    }
}
