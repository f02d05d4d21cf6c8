internal import CryptoCore
internal import NIOCore

/// `req` of 4.2.2 step 1: `LP(user) LP(password) LP(SPKI) LP(S over those three)`, and its pairing with `sid`.
struct LoginRequest: ~Copyable {
    let user: String
    let password: Password
    let key: RSAPublicKey
    let session: [UInt8]
    private let signed: SecretBytes
    private let signature: [UInt8]

    /// Longest user name: that of a certificate's common name.
    static let longestUser = 64

    static func compose(user: String, password: Password, key: RSAPrivateKey) throws(OverlayError) -> SecretBuffer {
        guard user.unicodeScalars.count <= longestUser else {
            throw .tooLarge(what: "user name", limit: longestUser, actual: user.unicodeScalars.count)
        }
        let spki = key.publicKey.spki
        let request = SecretBuffer(
            capacity: 16 + user.utf8.count + password.bytes.count + spki.count + key.modulusBytes)
        request.append(prefixed: Array(user.utf8))
        password.bytes.withBytes { request.append(prefixed: $0) }
        request.append(prefixed: spki)
        let signature = try crypto { () throws(CryptoError) in
            try request.withBytes { (span) throws(CryptoError) in try key.sign(span, for: .login) }
        }
        request.append(prefixed: signature)
        return request
    }

    /// `LP(req) LP(sid)`, what is sealed.
    static func pair(_ request: SecretBuffer, session: [UInt8]) -> SecretBytes {
        let pair = SecretBuffer(capacity: 8 + request.count + session.count)
        request.withBytes { pair.append(prefixed: $0) }
        pair.append(prefixed: session)
        return pair.bytes()
    }

    static func parse(_ plaintext: borrowing SecretBytes, engines: EngineTable) throws(OverlayError) -> LoginRequest {
        try plaintext.withBytes { (span) throws(OverlayError) in
            var pair = SpanCursor()
            let request = try pair.next(in: span)
            let session = try pair.next(in: span)
            try pair.end(of: span)
            let content = span.extracting(request)
            var fields = SpanCursor()
            let user = try fields.next(in: content)
            let password = try fields.next(in: content)
            let spki = try fields.next(in: content)
            let signature = try fields.next(in: content)
            try fields.end(of: content)
            guard let name = content.text(user), name.unicodeScalars.count <= longestUser else {
                throw .message(.notUTF8)
            }
            guard password.count <= Password.longest else {
                throw .tooLarge(what: "password", limit: Password.longest, actual: password.count)
            }
            let key = try crypto { () throws(CryptoError) in
                try RSAPublicKey(spki: content.extracting(spki), engines: engines)
            }
            return LoginRequest(
                user: name, password: Password(copying: content.extracting(password)), key: key,
                session: span.extracting(session).copy(),
                signed: SecretBytes(copying: content.extracting(0..<spki.upperBound)),
                signature: content.extracting(signature).copy())
        }
    }

    /// Whether the request was signed with the key inside it.
    func checkSignature() throws(OverlayError) {
        try crypto { () throws(CryptoError) in
            try signed.withBytes { (span) throws(CryptoError) in
                try key.verify(signature.span.bytes, of: span, for: .login)
            }
        }
    }
}

/// Grows up to a fixed capacity inside wiped memory.
final class SecretBuffer {
    private let storage: SecretBytes
    private var filled = 0

    var count: Int { filled }

    init(capacity: Int) { storage = SecretBytes(count: capacity) }

    func append(_ span: RawSpan) {
        storage.withMutableBytes { target in
            precondition(filled + span.byteCount <= target.count)
            span.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[filled..<(filled + source.count)])
                    .copyMemory(from: source)
            }
        }
        filled += span.byteCount
    }

    func append(prefixed span: RawSpan) {
        let count = UInt32(span.byteCount)
        let prefix = (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * UInt32($0))) }
        append(prefix.span.bytes)
        append(span)
    }

    func append(prefixed bytes: [UInt8]) { append(prefixed: bytes.span.bytes) }

    func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try storage.withBytes { (span) throws(E) in try body(span.extracting(0..<filled)) }
    }

    /// A copy of exactly what was appended.
    func bytes() -> SecretBytes { withBytes { SecretBytes(copying: $0) } }
}

/// Walks the `LP` fields of a span as ranges, so that secrets stay where they are.
struct SpanCursor {
    private var offset = 0

    mutating func next(in span: RawSpan) throws(OverlayError) -> Range<Int> {
        guard span.byteCount - offset >= 4 else { throw .message(.truncated) }
        let count = Int(UInt32(bigEndian: span.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        guard count <= span.byteCount - offset - 4 else { throw .message(.truncated) }
        let range = (offset + 4)..<(offset + 4 + count)
        offset = range.upperBound
        return range
    }

    func end(of span: RawSpan) throws(OverlayError) {
        guard offset == span.byteCount else { throw .message(.notAMessage) }
    }
}

extension RawSpan {
    func copy() -> [UInt8] { withUnsafeBytes { Array($0) } }

    func text(_ range: Range<Int>) -> String? {
        extracting(range).withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }
}
