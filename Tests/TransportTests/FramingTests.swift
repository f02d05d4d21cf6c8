import Foundation
import NIOCore
import Overlay
import TestSupport
import Testing
import Transport

@Suite("JXTA TCP binding: welcome and framing")
struct FramingTests {
    private let peer = try! JXTAID("urn:jxta:uuid-59616261646162614E50472050325033B000000000004000800080000000000103")

    @Test("a welcome comes back; other versions and broken lines are told apart")
    func welcome() throws {
        let welcome = Welcome(destination: "tcp://127.0.0.1:1", publicAddress: "tcp://127.0.0.1:2", peer: peer)
        #expect(welcome.line.hasSuffix(" 0 1.1\r\n"))
        #expect(try Welcome(line: String(welcome.line.dropLast(1))) == welcome)
        #expect(try Welcome(line: "JXTAHELLO tcp://a:1 tcp://b:2 \(peer.text) 1 1 3.0").propagates == false)
        for line in [
            "", "HELLO a b \(peer.text) 0 1.1", "JXTAHELLO a b \(peer.text) 1.1", "JXTAHELLO a b urn:x 0 1.1",
            "JXTAHELLO a b \(peer.text) 0 0 1.1", "JXTAHELLO a b urn:jxta:jxta-NetGroup 0 1.1",
        ] {
            #expect(throws: TransportError.self, "\(line)") { try Welcome(line: line) }
        }
    }

    @Test("JXSE's welcome is read", .enabled(if: TestData.has("interop/jxse-2.5"), Comment(rawValue: TestData.absence)))
    func interopWelcome() throws {
        let line = String(decoding: try TestData.bytes("interop/jxse-2.5/welcome-1.1.bin"), as: UTF8.self)
        let welcome = try Welcome(line: String(line.dropLast(1)))
        #expect(welcome.peer.kind == .peer && welcome.propagates)
    }

    @Test(
        "JXSE's packages are cut at their bodies, however the stream is split",
        .enabled(if: TestData.has("interop/jxse-2.5"), Comment(rawValue: TestData.absence)),
        arguments: [1, 7, 64, 1000, 1 << 20])
    func interopFrames(_ piece: Int) throws {
        var stream: [UInt8] = []
        var expected: [[UInt8]] = []
        for file in try TestData.files("interop/jxse-2.5", ending: ".pkg") {
            stream += try TestData.bytes(file)
            expected.append(try TestData.bytes(String(file.dropLast(3)) + "jxmg"))
        }
        var reader = FrameReader(limit: FrameLimits().afterLogin)
        var bodies: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: piece) {
            let part = ByteBuffer(bytes: stream[start..<min(start + piece, stream.count)])
            try reader.feed(part) { bodies.append(Array($0.readableBytesView)) }
        }
        #expect(bodies == expected)
        // A body in one read is a slice of it: nothing is gathered.
        if piece == 1 << 20 { #expect(reader.gatheredBytes == 0) }
    }

    @Test("truncated and flipped frames end in an error or in silence, never in a wrong body")
    func damaged() throws {
        let body = [UInt8](repeating: 7, count: 40)
        let header = "\u{c}content-type\u{0}\u{16}application/x-jxta-msg\u{e}content-length\u{0}\u{8}"
        let frame = Array(header.utf8) + [0, 0, 0, 0, 0, 0, 0, 40, 0] + body
        for index in frame.indices {
            var reader = FrameReader(limit: FrameLimits().afterLogin)
            try reader.feed(ByteBuffer(bytes: frame.prefix(index))) { _ in Issue.record("a body from a truncated frame")
            }
            var forged = frame
            forged[index] ^= 1 << UInt8(index % 8)
            var other = FrameReader(limit: FrameLimits().afterLogin)
            var bodies: [ByteBuffer] = []
            _ = try? other.feed(ByteBuffer(bytes: forged)) { bodies.append($0) }
            if index < 63 { #expect(bodies.allSatisfy { $0.readableBytes <= 40 }) }
        }
    }

    @Test("a socket's reads begin at a cache line; only the first of equal large bodies is copied")
    func memory() throws {
        var reader = FrameReader(limit: FrameLimits().afterLogin)
        let receiving = reader.receiving
        let size = 300_000
        let header: [UInt8] =
            Array("\u{c}content-type\u{0}\u{16}application/x-jxta-msg\u{e}content-length\u{0}\u{8}".utf8)
            + [0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } + [0]
        var copied: [Int] = []
        for number in 0..<4 {
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }
            var stream = ByteBuffer(bytes: header + body)
            var bodies: [[UInt8]] = []
            while stream.readableBytes > 0 {
                var read = receiving.buffer(allocator: ByteBufferAllocator())
                if reader.bytesUnderWay == 0 {
                    let start = read.withUnsafeMutableWritableBytes { Int(bitPattern: $0.baseAddress) }
                    #expect(start % 64 == 0)
                }
                let count = min(read.writableBytes, stream.readableBytes, 70_000)
                if let part = stream.readSlice(length: count) { read.writeImmutableBuffer(part) }
                try reader.feed(consume read) { bodies.append(Array($0.readableBytesView)) }
            }
            #expect(bodies == [body])
            copied.append(reader.gatheredBytes)
        }
        #expect(copied[0] > 0 && copied == [Int](repeating: copied[0], count: 4))
    }

    @Test("a body over the limit is refused before anything is allocated for it, smaller before login")
    func limits() {
        func frame(_ length: UInt64) -> ByteBuffer {
            var buffer = ByteBuffer(
                string: "\u{c}content-type\u{0}\u{16}application/x-jxta-msg\u{e}content-length\u{0}\u{8}")
            buffer.writeInteger(length)
            buffer.writeInteger(0 as UInt8)
            return buffer
        }
        var before = FrameReader(limit: FrameLimits().beforeLogin)
        #expect(throws: TransportError.frameTooLong(limit: 16 << 10, actual: 20_000)) {
            try before.feed(frame(20_000)) { _ in }
        }
        var after = FrameReader(limit: FrameLimits().afterLogin)
        #expect(throws: TransportError.self) { try after.feed(frame(1 << 40)) { _ in } }
        var empty = FrameReader(limit: FrameLimits().beforeLogin)
        #expect(throws: TransportError.frameInvalid("empty body")) { try empty.feed(frame(0)) { _ in } }
    }

    @Test("links name their latency, and nonsense is refused")
    func links() throws {
        #expect(try LinkShape("rtt=10ms").roundTripNanoseconds == 10_000_000)
        #expect(try LinkShape("rtt=1.5s").roundTripNanoseconds == 1_500_000_000)
        let dsl = try LinkShape("rtt=25ms,bw=10mbit")
        #expect(try LinkShape("dsl") == dsl)
        // 65,536 bytes at ten million bits a second.
        #expect(dsl.transferNanoseconds(65_536) == 52_428_800)
        #expect(try LinkShape("rtt=10ms").transferNanoseconds(65_536) == 0)
        for text in ["bw=10mbit", "rtt=1ms,bw=0mbit", "rtt=1ms,rtt=2ms", "rtt=1ms,", "rtt=1ms,bw=10", "isdn"] {
            #expect(throws: TransportError.self) { try LinkShape(text) }
        }
        for text in ["", "10ms", "rtt=", "rtt=-1ms", "rtt=10", "rtt=11s"] {
            #expect(throws: TransportError.self) { try LinkShape(text) }
        }
    }

    @Test("a routed reply names its destination inside")
    func router() throws {
        let text = """
            <jxta:ERM xml:space="preserve" xmlns:jxta="http://jxta.org"><Src>jxta://uuid-A</Src>\
            <Dest>jxta://uuid-B/InteropEcho/reply</Dest><Last>jxta://uuid-A</Last><Fwd/><Rvs/></jxta:ERM>
            """
        var message = Message()
        message.append(.routerMessage, ByteBuffer(string: text), type: MessageElement.xmlType)
        let routed = try RouterMessage(message)
        #expect(routed.destination.service == "InteropEcho" && routed.destination.parameter == "reply")
        #expect(throws: OverlayError.self) { try RouterMessage(Message()) }
    }
}
