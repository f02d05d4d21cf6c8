import Foundation
import Overlay
import TestSupport
import Testing
import XMLSecurity

@Suite("Advertisements")
struct AdvertisementTests {
    private let peer = try! JXTAID("urn:jxta:uuid-59616261646162614E50472050325033B000000000004000800080000000000103")
    private let pipe = try! JXTAID("urn:jxta:uuid-59616261646162614E50472050325033A000000000004000800080000000000104")

    @Test("each kind comes back from its own document")
    func roundTrip() throws {
        let name = "Ren\u{e9}e <&> \u{1f600}"
        let advertisement = PipeAdvertisement(
            id: pipe, type: .unicastSecure, name: name, description: "d", peer: peer, group: .netGroup,
            addresses: ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"])
        #expect(try parse(advertisement.document, PipeAdvertisement.init(parsing:)) == advertisement)
        let pa = PeerAdvertisement(id: peer, name: name, addresses: ["tcp://127.0.0.1:1"])
        #expect(try parse(pa.document, PeerAdvertisement.init(parsing:)) == pa)
        let pga = PeerGroupAdvertisement(id: try JXTAID.group(name: name), name: name, description: "x")
        #expect(try parse(pga.document, PeerGroupAdvertisement.init(parsing:)) == pga)
        let presence = PresenceAdvertisement(peer: peer, user: name, group: .netGroup, status: .offline)
        #expect(try parse(presence.document, PresenceAdvertisement.init(parsing:)) == presence)
    }

    private func parse<R>(_ document: String, _ read: (RawSpan) throws -> R) throws -> R {
        let bytes = Array(document.utf8)
        return try read(bytes.span.bytes)
    }

    @Test(
        "every XML document of JXSE 2.5 parses; the kinds we use are understood",
        .enabled(if: TestData.has("interop/jxse-2.5"), Comment(rawValue: TestData.absence)))
    func interop() throws {
        let files = try TestData.files("interop/jxse-2.5", ending: ".xml")
        for file in files {
            let bytes = try TestData.bytes(file)
            _ = try XMLDocument(bytes.span.bytes)
        }
        #expect(files.count == 17)
        func bytes(_ name: String) throws -> [UInt8] { try TestData.bytes("interop/jxse-2.5/\(name).xml") }
        let unicast = try bytes("adv-pipe-unicast")
        #expect(try PipeAdvertisement(parsing: unicast.span.bytes).name == "sample pipe")
        let secure = try bytes("adv-pipe-secure")
        #expect(try PipeAdvertisement(parsing: secure.span.bytes).type == .unicastSecure)
        let propagate = try bytes("adv-pipe-propagate")
        #expect(try PipeAdvertisement(parsing: propagate.span.bytes).type == .propagate)
        let pa = try bytes("adv-peer")
        #expect(try PeerAdvertisement(parsing: pa.span.bytes).addresses == ["tcp://127.0.0.1:19701"])
        let pga = try bytes("adv-peergroup")
        #expect(try PeerGroupAdvertisement(parsing: pga.span.bytes).id.kind == .group)
        #expect(throws: OverlayError.self) { try PipeAdvertisement(parsing: pa.span.bytes) }
    }

    @Test("truncation at every byte is refused")
    func truncated() throws {
        let document = Array(PipeAdvertisement(id: pipe, name: "n", peer: peer).document.utf8)
        for count in 0..<(document.count - 1) {
            let short = Array(document.prefix(count))
            #expect(throws: OverlayError.self) { try PipeAdvertisement(parsing: short.span.bytes) }
        }
    }
}
