public import CryptoCore
internal import NIOCore

/// A peer's own side: SK, the peer id that its key gives it, and its credential once it has one.
public struct Identity: Sendable {
    public let key: RSAPrivateKey
    public let peerID: JXTAID
    public var credential: Credential?
    /// What every message begins with, `overlay:sender`: one array that they all share.
    let leadingElements: [MessageElement]

    public init(key: RSAPrivateKey, credential: Credential? = nil) throws(OverlayError) {
        self.key = key
        peerID = try JXTAID.peer(key: key.publicKey)
        leadingElements = [
            MessageElement(.sender, ByteBuffer(string: peerID.text), type: MessageElement.textType)
        ]
        self.credential = credential
        if let credential, !credential.key.isSameKey(as: key.publicKey) {
            throw .credentialNotMine("the credential is for another key")
        }
    }
}
