import Foundation
import NIOCore
import Overlay
import TestSupport
import Testing

@Suite("Binary messages")
struct MessageTests {
    private let sample = Message([
        MessageElement(ElementName("jxta", "a"), ByteBuffer(string: "x"), type: MessageElement.textType),
        MessageElement(ElementName("overlay", "b"), ByteBuffer(bytes: [1, 2, 3])),
        MessageElement(ElementName("", "empty"), ByteBuffer()),
        MessageElement(
            ElementName("espacio-\u{f1}", "n\u{fa}mero"), ByteBuffer(bytes: [UInt8](repeating: 9, count: 300)),
            signature: [MessageElement(ElementName("espacio-\u{f1}", "Signature"), ByteBuffer(bytes: [7]))]),
    ])

    @Test("a message comes back the same")
    func roundTrip() throws {
        #expect(try MessageDecoder.decode(MessageEncoder.bytes(of: sample)) == sample)
    }

    @Test("truncation at every byte is refused, a flipped bit at every byte never crashes")
    func damaged() throws {
        let bytes = Array(try MessageEncoder.bytes(of: sample).readableBytesView)
        for index in bytes.indices {
            #expect(throws: OverlayError.self) { try MessageDecoder.decode(ByteBuffer(bytes: bytes.prefix(index))) }
            var forged = bytes
            forged[index] ^= 1 << UInt8(index % 8)
            _ = try? MessageDecoder.decode(ByteBuffer(bytes: forged))
        }
    }

    @Test("what JXSE cannot read is not written, and what it never writes is refused")
    func limits() throws {
        #expect(throws: OverlayError.message(.empty)) { try MessageEncoder.encode(Message()) }
        let long = Message([MessageElement(ElementName("a", String(repeating: "n", count: 40_000)), ByteBuffer())])
        #expect(throws: OverlayError.message(.stringTooLong(40_000))) { try MessageEncoder.encode(long) }
        var bytes = Array(try MessageEncoder.bytes(of: sample).readableBytesView)
        bytes[4] = 1
        #expect(throws: OverlayError.message(.unknownVersion(1))) {
            try MessageDecoder.decode(ByteBuffer(bytes: bytes))
        }
        let zero: [UInt8] = [0x6a, 0x78, 0x6d, 0x67, 0, 0, 0, 0, 0]
        #expect(throws: OverlayError.message(.empty)) { try MessageDecoder.decode(ByteBuffer(bytes: zero)) }
        let encoded: [UInt8] = [
            0x6a, 0x78, 0x6d, 0x67, 0, 0, 0, 0, 1, 0x6a, 0x78, 0x65, 0x6c, 0, 2, 0, 1, 0x61, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
        #expect(throws: OverlayError.message(.encodingUnsupported)) {
            try MessageDecoder.decode(ByteBuffer(bytes: encoded))
        }
    }

    @Test("a count that no body could hold is refused before anything is allocated")
    func counts() {
        let huge: [UInt8] = [0x6a, 0x78, 0x6d, 0x67, 0, 0, 0, 0x7f, 0xff, 0x6a, 0x78, 0x65, 0x6c]
        #expect(throws: OverlayError.message(.truncated)) { try MessageDecoder.decode(ByteBuffer(bytes: huge)) }
    }

    @Test("with head room the header is written before the content, which stays where it is")
    func headRoom() throws {
        let payload = PayloadBuffer.make([UInt8](repeating: 3, count: 1000))
        let message = Message([MessageElement(ElementName("overlay", "payload"), payload)])
        let encoded = try MessageEncoder.encode(message)
        #expect(encoded.head.readableBytes == 0)
        #expect(try MessageDecoder.decode(encoded.body) == message)
    }

    @Test("repeated encoding and decoding equal the full ones, whatever changes between messages")
    func repeated() throws {
        var encoder = RepeatedEncoder(lengthFromEnd: 8) { ByteBuffer(integer: UInt64($0)) }
        var decoder = RepeatedDecoder { message throws(OverlayError) in
            try Heading(of: message, on: message.beforeLast(.sourceAddress).map { String(buffer: $0) })
        }
        let elsewhere = [MessageElement(.sourceAddress, ByteBuffer(string: JXTAID.netGroup.text))]
        for (name, size, preceding) in [
            ("payload", 10, []), ("payload", 10, []), ("payload", 10, elsewhere), ("payload", 0, elsewhere),
            ("payload", 5000, []), ("sealed", 7, []), ("sealed", 7, elsewhere), ("payload", 70_000, elsewhere),
        ] {
            var content = PayloadBuffer.make(capacity: size)
            content.writeRepeatingByte(UInt8(size & 255), count: size)
            let message = Message([
                MessageElement(.sender, ByteBuffer(string: JXTAID.worldGroup.text), type: MessageElement.textType),
                MessageElement(ElementName("overlay", name), content),
            ])
            var encoded = try encoder.encode(message, after: preceding)
            var whole = encoded.head
            whole.writeBuffer(&encoded.body)
            let sent = Message(preceding + message.elements)
            let body = try MessageEncoder.bytes(of: sent)
            #expect(whole.readInteger(as: UInt64.self) == UInt64(body.readableBytes))
            #expect(whole == body)
            let (received, heading) = try decoder.decode(body)
            #expect(received == sent)
            #expect(heading?.sender == .worldGroup)
            #expect(heading?.pipe == (preceding.isEmpty ? nil : .netGroup))
        }
    }

    @Test("a heading stands before the last element: one at the end is content, and ids that are none are refused")
    func heading() throws {
        let (peer, payload) = (JXTAID.netGroup.text, MessageElement(.payload, ByteBuffer(string: "x")))
        let sender = MessageElement(.sender, ByteBuffer(string: peer))
        #expect(try Heading(of: Message([sender, payload]), on: peer).sender == .netGroup)
        #expect(try Heading(of: Message([sender, payload]), on: nil).pipe == nil)
        #expect(try Heading(of: Message([payload, sender]), on: peer).sender == nil)
        let forged = Message([MessageElement(.sender, ByteBuffer(string: "urn:jxta:none")), payload])
        #expect(throws: OverlayError.identifier("urn:jxta:none")) { try Heading(of: forged, on: peer) }
        #expect(throws: OverlayError.identifier("none")) { try Heading(of: Message([payload]), on: "none") }
    }

    @Test(
        "every jxmg sample of JXSE 2.5 is read, and written back with the same content",
        .enabled(if: TestData.has("interop/jxse-2.5"), Comment(rawValue: TestData.absence)))
    func interop() throws {
        let files = try TestData.files("interop/jxse-2.5", ending: ".jxmg")
        for file in files {
            let bytes = try TestData.bytes(file)
            let message = try MessageDecoder.decode(ByteBuffer(bytes: bytes))
            let written = try MessageEncoder.bytes(of: message)
            #expect(try MessageDecoder.decode(written) == message)
            // JXSE orders namespaces by a hash: bytes are comparable with at most one of them.
            if Set(message.elements.map(\.name.namespace)).subtracting(["", "jxta"]).count < 2 {
                #expect(Array(written.readableBytesView) == bytes, "\(file)")
            }
        }
        #expect(files.count == 12)
        let nested = try MessageDecoder.decode(
            ByteBuffer(bytes: TestData.bytes("interop/jxse-2.5/04-nested-message.jxmg")))
        let inner = try MessageDecoder.decodeNested(try #require(nested.elements.first))
        #expect(inner[ElementName("inner", "a")].map { String(buffer: $0) } == "nested")
    }
}
