/// What a message says before its last element: the pipe that it is for, and who claims to have sent it.
///
/// Messages from one peer repeat it, so that ``RepeatedDecoder`` reads it once.
public struct Heading: Sendable {
    /// Nil where the destination names none.
    public let pipe: JXTAID?
    /// Nil in what a broker sends.
    public let sender: JXTAID?

    /// - Parameter pipe: the pipe id in the destination address.
    public init(of message: Message, on pipe: String?) throws(OverlayError) {
        if let pipe { self.pipe = try JXTAID(pipe) } else { self.pipe = nil }
        if let sender = message.beforeLast(.sender) { self.sender = try JXTAID(sender.text()) } else { sender = nil }
    }
}
