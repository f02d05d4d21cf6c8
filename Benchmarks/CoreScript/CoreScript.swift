public import CryptoCore

/// The paper's joins and messages cut down to their cryptography and their bytes: every RSA operation, hash, cipher and
/// certificate is the overlay's own, and a message is as long as the overlay's; XML, the database and JXTA's framing
/// are left out. For machines that the overlay itself does not reach: compiles as Embedded Swift.
///
/// Each step is one side's part, from bytes to bytes, in the paper's order.
public struct CoreScript: Sendable {
    static let user: StaticString = "ada"
    static let group: StaticString = "chat"
    static let password: StaticString = "lovelace"
    static let randomCount = 32

    public let suite: Suite
    let engines: EngineTable
    let time: Int64
    let administrator: Certificate
    let broker: Holder
    /// The client's key, and a second client's.
    let clientKey: RSAPrivateKey
    public let peerKey: RSAPrivateKey
    let envelope: SealedEnvelope
    public let seal: MessageSeal
    let passwordCost: UInt64
    let salt: [UInt8]
    let passwordHash: [UInt8]
    let groupID: String

    struct Holder: Sendable {
        let key: RSAPrivateKey
        let certificate: Certificate
    }

    /// - Parameters:
    ///   - keys: administrator's, broker's, and two clients'.
    ///   - passwordCost: scrypt's N.
    ///   - time: seconds since 1970.
    public init(
        suite: Suite, keys: [RSAPrivateKey], engines: EngineTable, passwordCost: UInt64, time: Int64
    ) throws(CryptoError) {
        precondition(keys.count == 4)
        self.suite = suite
        self.engines = engines
        self.time = time
        self.passwordCost = passwordCost
        clientKey = keys[2]
        peerKey = keys[3]
        envelope = try SealedEnvelope(suite)
        seal = try MessageSeal(suite)
        administrator = try Certificate.selfSigned(
            CertificateTemplate(
                commonName: "Adm",
                extensions: CertificateExtensions(role: .administrator, peerID: try Self.peerID(of: keys[0].publicKey)),
                validity: (time - 60)...(time + 86400)), key: keys[0], engines: engines)
        broker = Holder(
            key: keys[1],
            certificate: try Certificate.issue(
                CertificateTemplate(
                    commonName: "broker",
                    extensions: CertificateExtensions(role: .broker, peerID: try Self.peerID(of: keys[1].publicKey)),
                    validity: (time - 60)...(time + 86400)), for: keys[1].publicKey, by: administrator, key: keys[0],
                engines: engines))
        salt = try randomBytes(16)
        passwordHash = try Self.hash(Self.bytes(Self.password), salt, passwordCost)
        groupID = Self.cbid(try Digest.of(Self.bytes(Self.group).span.bytes, .sha1), prefix: "", kind: "02")
    }

    /// JXTA's base group and the key's SHA-1: a CBID (4.1).
    static func peerID(of key: RSAPublicKey) throws(CryptoError) -> String {
        let spki = key.spki
        return cbid(
            try Digest.of(spki.span.bytes, .sha1), prefix: "59616261646162614E50472050325033", kind: "03")
    }

    private static func cbid(_ digest: [UInt8], prefix: String, kind: String) -> String {
        var text = "urn:jxta:cbid-" + prefix
        for byte in digest.prefix(16) {
            text += digits[Int(byte >> 4)]
            text += digits[Int(byte & 15)]
        }
        return text + kind
    }

    private static let digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "A", "B", "C", "D", "E", "F"]

    static func hash(_ password: [UInt8], _ salt: [UInt8], _ cost: UInt64) throws(CryptoError) -> [UInt8] {
        try KeyDerivation.scrypt(
            password: password.span.bytes, salt: salt.span.bytes, cost: cost, blockSize: 8, parallelism: 1, count: 32)
    }

    static func bytes(_ text: StaticString) -> [UInt8] {
        Array(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

/// What JXTA's framing, addresses, element names and the fields that are no cryptography take on the wire beside what a
/// step says: the overlay's messages, less the script's. A test holds them against the overlay.
public enum ScriptFrame: CaseIterable, Sendable {
    case connect, connectReply, login, loginReply
    case secureConnection, secureConnectionReply, secureLogin, secureLoginReply
    case message, secureMessage

    public var overhead: Int {
        switch self {
        case .connect: 135
        case .connectReply: 177
        case .login: 191
        case .loginReply: 207
        case .secureConnection: 165
        case .secureConnectionReply: 206
        case .secureLogin: 159
        case .secureLoginReply: 239
        case .message: 536
        case .secureMessage: 535
        }
    }
}

/// `LP` fields: a length of four bytes before each.
struct Fields {
    private var offset = 0
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() throws(CryptoError) -> [UInt8] {
        guard bytes.count - offset >= 4 else { throw .malformed("a length is cut off") }
        let count = bytes[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
        guard count >= 0, count <= bytes.count - offset - 4 else { throw .malformed("a field is cut off") }
        defer { offset += 4 + count }
        return Array(bytes[(offset + 4)..<(offset + 4 + count)])
    }

    /// What the fields so far took.
    var taken: [UInt8] { Array(bytes[..<offset]) }

    static func encode(_ fields: [[UInt8]]) -> [UInt8] {
        var result: [UInt8] = []
        for field in fields {
            for shift in [24, 16, 8, 0] { result.append(UInt8(truncatingIfNeeded: field.count >> shift)) }
            result += field
        }
        return result
    }
}
