import NIOCore
import NIOEmbedded
import Overlay
import Synchronization
import Testing
import Transport

/// Connections in virtual time: the embedded loop's clock moves when it is told to.
@Suite("Deadlines of a connection")
struct DeadlineTests {
    private static let peer = try! JXTAID(
        "urn:jxta:uuid-59616261646162614E50472050325033B000000000004000800080000000000103")

    /// One end of a connection, and what its owner is told.
    private final class End: Sendable {
        let channel = EmbeddedChannel()
        let link: Link
        let heard: Heard

        final class Heard: Sendable {
            let messages = Mutex(0)
            let closings = Mutex<[TransportError?]>([])
        }

        init() throws {
            let heard = Heard()
            self.heard = heard
            link = Link(
                own: peer, publicAddress: "tcp://127.0.0.1:1", expectingAlike: true,
                owner: Link.Owner(
                    opened: { link, _ in link.raiseLimit() },
                    received: { _, _, _ in heard.messages.withLock { $0 += 1 } },
                    closed: { _, reason in heard.closings.withLock { $0.append(reason) } }))
            try link.attach(to: channel).wait()
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        }

        func receiveWelcome() throws {
            try channel.writeInbound(
                ByteBuffer(string: Welcome(destination: "tcp://a:1", publicAddress: "tcp://b:1", peer: peer).line))
        }

        func wait(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

        /// What this end wrote since the last look.
        func written() throws -> ByteBuffer {
            var all = ByteBuffer()
            while var part = try channel.readOutbound(as: ByteBuffer.self) { all.writeBuffer(&part) }
            return all
        }

        var isOpen: Bool { channel.isActive }
        var closings: [TransportError?] { heard.closings.withLock { $0 } }
        var messages: Int { heard.messages.withLock { $0 } }
    }

    /// The bytes of a frame as a link writes them, around a payload.
    private func frame(_ payloadBytes: Int) throws -> ByteBuffer {
        let sender = try End()
        _ = try sender.written()
        sender.link.send(
            Message([MessageElement(.payload, ByteBuffer(repeating: 7, count: payloadBytes))]),
            to: Self.peer.pipe(in: .netGroup), in: .netGroup)
        return try sender.written()
    }

    @Test("a peer that never sends its welcome is given up after ten seconds, one that does is not")
    func welcome() throws {
        let silent = try End()
        silent.wait(9)
        #expect(silent.isOpen)
        silent.wait(1)
        #expect(!silent.isOpen && silent.closings == [.deadline("no welcome within 10 s")])
        let greeting = try End()
        try greeting.receiveWelcome()
        greeting.wait(86_400)
        #expect(greeting.isOpen)
    }

    @Test(
        "a frame that has begun must end: in half a minute, and a second for every 4 KiB",
        arguments: [(1, 30), (1000, 30), (400_000, 127)])
    func frames(_ payloadBytes: Int, _ seconds: Int64) throws {
        let whole = try frame(payloadBytes)
        for part in [1, 62, 63, whole.readableBytes - 1] {
            let end = try End()
            try end.receiveWelcome()
            end.wait(1000)
            try end.channel.writeInbound(whole.getSlice(at: 0, length: part))
            // Its length is known when the header is there; until then it is small.
            let patience = part < 63 ? 30 : seconds
            end.wait(patience - 1)
            #expect(end.isOpen, "\(part) of \(whole.readableBytes) bytes")
            end.wait(1)
            #expect(!end.isOpen, "\(part) of \(whole.readableBytes) bytes")
            #expect(end.closings == [.deadline("a frame did not end within \(patience) s")])
            #expect(end.messages == 0)
        }
    }

    @Test("frames that end in time are never given up, one after another, however slowly each comes")
    func slowFrames() throws {
        let whole = try frame(1000)
        let end = try End()
        try end.receiveWelcome()
        let middle = whole.readableBytes / 2
        // Each read ends one frame and begins the next: the connection is never between two.
        try end.channel.writeInbound(whole.getSlice(at: 0, length: middle))
        for count in 1...10 {
            end.wait(25)
            var read = try #require(whole.getSlice(at: middle, length: whole.readableBytes - middle))
            read.writeImmutableBuffer(try #require(whole.getSlice(at: 0, length: middle)))
            try end.channel.writeInbound(read)
            #expect(end.isOpen && end.messages == count)
        }
        end.wait(29)
        #expect(end.isOpen)
        end.wait(1)
        #expect(!end.isOpen && end.closings == [.deadline("a frame did not end within 30 s")])
    }

    @Test("a byte now and then does not keep a frame alive")
    func drops() throws {
        let whole = try frame(1000)
        let end = try End()
        try end.receiveWelcome()
        for index in 0..<29 {
            try end.channel.writeInbound(whole.getSlice(at: index, length: 1))
            end.wait(1)
        }
        #expect(end.isOpen)
        try end.channel.writeInbound(whole.getSlice(at: 29, length: 1))
        end.wait(1)
        #expect(!end.isOpen)
    }
}
