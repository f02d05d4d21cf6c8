public import CryptoCore
public import XMLSecurity

/// Why the overlay refused. A peer learns less than this says; the log gets all of it.
public enum OverlayError: Error, Equatable, Sendable {
    case crypto(CryptoError)
    case xml(XMLError)
    case message(MessageDefect)
    case identifier(String)
    case missingElement(String)
    case tooLarge(what: String, limit: Int, actual: Int)
    case account(AccountError)

    // 4.2.1 secureConnection
    /// Step 6: the broker's credential is not authentic, so it is no legitimate broker.
    case brokerNotLegitimate(CryptoError)
    /// Step 7: the broker does not possess SK_Br, so it is an impersonator.
    case brokerIsImpersonator
    case challengeLength(Int)

    // 4.2.2 secureLogin
    /// Step 5: no such session on this connection, or it has expired or been used.
    case sessionNotStored
    /// Step 6: user name and password do not match, or the user is unknown or disabled.
    case userNotAuthentic
    case tooManyFailures(user: String)
    /// Step 7: the key does not belong to the claimed peer identifier.
    case identifierMismatch(claimed: String, derived: String)
    case credentialNotMine(String)
    /// The own credential has expired, or was revoked: the next login brings another.
    case credentialEnded(CertificateDefect)

    // 4.3.1 messages
    case advertisementInvalid(String)
    case peerUnknown(String)
    case senderMismatch
    case messageReplayed

    case notMember(group: String)
    case notLoggedIn
    /// Plain primitives outside a benchmark and without `--insecure-plain`.
    case plainRefused
    case insecureSuite(String)
    /// The other side said no; the text is all it said.
    case refusedByPeer(String)
    case unexpectedReply(String)
    case busy
    case disconnected(String)
}

/// What is wrong with a binary message.
public enum MessageDefect: Equatable, Sendable {
    case truncated, notAMessage, unknownVersion(UInt8), unknownNamespace(UInt8), tooManyElements(Int)
    case tooManyNamespaces(Int), stringTooLong(Int), encodingUnsupported, nestedTooDeep, empty, notUTF8
}

/// Why the central database did not answer.
public enum AccountError: Error, Equatable, Sendable {
    case locked, missing(String), newerSchema(found: Int, known: Int), conflict(String), notFound(String)
    case storage(String)
}

/// Runs code of a lower module and wraps its error.
@inline(__always)
func crypto<R: ~Copyable>(_ body: () throws(CryptoError) -> R) throws(OverlayError) -> R {
    do throws(CryptoError) { return try body() } catch { throw .crypto(error) }
}

@inline(__always)
func xml<R>(_ body: () throws(XMLError) -> R) throws(OverlayError) -> R {
    do throws(XMLError) { return try body() } catch { throw .xml(error) }
}

@inline(__always)
func accounts<R>(_ body: () throws(AccountError) -> R) throws(OverlayError) -> R {
    do throws(AccountError) { return try body() } catch { throw .account(error) }
}
