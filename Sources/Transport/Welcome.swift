internal import NIOCore
public import Overlay

/// The welcome line of the JXTA TCP binding (JXTA v2.0 specification §5.3.1):
/// `JXTAHELLO <destination> <public address> <peer id> <noprop> 1.1`, CR LF.
public struct Welcome: Equatable, Sendable {
    /// Longest line with its CR LF.
    public static let longest = 4096

    /// The address that the sender believes it talks to.
    public var destination: String
    /// The sender's own listening address.
    public var publicAddress: String
    public var peer: JXTAID
    public var propagates: Bool

    public init(destination: String, publicAddress: String, peer: JXTAID, propagates: Bool = true) {
        self.destination = destination
        self.publicAddress = publicAddress
        self.peer = peer
        self.propagates = propagates
    }

    public var line: String {
        "JXTAHELLO \(destination) \(publicAddress) \(peer.text) \(propagates ? 0 : 1) 1.1\r\n"
    }

    /// - Parameter line: without CR LF.
    public init(line: String) throws(TransportError) {
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard words.count >= 5, words[0] == "JXTAHELLO", let version = words.last else {
            throw .welcomeInvalid("not a JXTA welcome")
        }
        // 1.1 has six words; 3.0 puts its message version before the last; others keep the first four.
        guard version != "1.1" || words.count == 6, version != "3.0" || words.count == 7 else {
            throw .welcomeInvalid("wrong number of words for version \(version)")
        }
        destination = String(words[1])
        publicAddress = String(words[2])
        do throws(OverlayError) { peer = try JXTAID(String(words[3])) } catch { throw .overlay(error) }
        guard peer.kind == .peer else { throw .welcomeInvalid("not a peer id") }
        propagates = words.count < 6 || words[4] == "0"
    }

    /// Takes a welcome off the front of what has arrived; nil while its end is still to come.
    static func read(from buffer: inout ByteBuffer) throws(TransportError) -> Welcome? {
        let view = buffer.readableBytesView.prefix(longest)
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            guard buffer.readableBytes < longest else { throw .welcomeInvalid("longer than \(longest) bytes") }
            return nil
        }
        let count = end - view.startIndex
        guard count > 0, view[end - 1] == UInt8(ascii: "\r") else { throw .welcomeInvalid("no CR LF") }
        let bytes = view[view.startIndex..<(end - 1)]
        guard let line = String(validating: bytes, as: UTF8.self) else { throw .welcomeInvalid("not UTF-8") }
        buffer.moveReaderIndex(forwardBy: count + 1)
        return try Welcome(line: line)
    }
}
