import CryptoCore
import Foundation
import Overlay
import TestSupport
import Testing

/// JXSE 2.5's own results for a fixed seed (JXTA v2.0 specification §4.2 and the CBID rules of its implementation).
@Suite("JXTA identifiers")
struct IdentifierTests {
    @Test("ids are squeezed, upper-case and read in both cases")
    func canonical() throws {
        #expect(try JXTAID("URN:JXTA:uuid-00030102040501").text == "urn:jxta:uuid-00030102040501")
        #expect(try JXTAID("urn:jxta:uuid-0003010204050000000001").text == "urn:jxta:uuid-00030102040501")
        #expect(try JXTAID("urn:jxta:uuid-59616261646162614e5047205032503302") == JXTAID.netGroup)
        #expect(try JXTAID("urn:jxta:jxta-NetGroup") == .netGroup)
        #expect(try JXTAID("urn:jxta:jxta-WorldGroup") == .worldGroup)
        #expect(try JXTAID("urn:jxta:cbid-59616261646162614e5047205032503302") == JXTAID.netGroup)
    }

    @Test("all 64 bytes tell ids apart, and so does the format; their order is one")
    func distinct() throws {
        let full = (0..<63).map { String(format: "%02X", $0 * 4 + 1) }
        var ids = try ["uuid", "cbid"].map { try JXTAID("urn:jxta:\($0)-" + full.joined() + "04") }
        for index in full.indices {
            var other = full
            other[index] = "00"
            let text = "urn:jxta:uuid-" + other.joined() + "04"
            ids.append(try JXTAID(text))
            if index < 62 { #expect(ids.last?.text == text) }
        }
        ids.append(try JXTAID("urn:jxta:uuid-" + full.joined() + "03"))
        #expect(Set(ids).count == 66)
        for (a, b) in zip(ids.sorted(), ids.sorted().dropFirst()) { #expect(a < b && !(b < a)) }
    }

    @Test("CBIDs of a fixed seed are JXSE 2.5's own")
    func derivation() throws {
        let seed = (0..<16).map { UInt8(($0 * 31 + 7) & 255) }
        let peer = try JXTAID.peer(seed: seed, group: .netGroup)
        let pipe = try JXTAID.pipe(seed: seed, group: .netGroup)
        #expect(peer.text == "urn:jxta:cbid-59616261646162614E504720503250335884F1F093C6DC6A7DF8DAB75D43D57403")
        #expect(pipe.text == "urn:jxta:cbid-59616261646162614E504720503250335884F1F093C64C6ABDF8DAB75D43D57404")
        #expect(try JXTAID.group(seed: seed).text == "urn:jxta:cbid-5884F1F093C64C6ABDF8DAB75D43D57402")
        #expect(peer.pipe(in: .netGroup) == pipe)
        #expect(try JXTAID(pipe.text) == pipe)
    }

    @Test(
        "what is no id is refused",
        arguments: [
            "", "urn:jxta:", "urn:jxta:uuid-", "urn:jxta:uuid-0", "urn:jxta:uuid-000", "urn:jxta:uuid-00zz01",
            "urn:jxta:uuid-0009", "urn:jxta:foo-0001", "urn:jxtb:uuid-00030102040501", "0003",
            "urn:jxta:uuid-" + String(repeating: "00", count: 65) + "01",
        ])
    func refused(_ text: String) {
        #expect(throws: OverlayError.self) { try JXTAID(text) }
    }

    @Test("the pipe of a peer in a group follows from the peer id alone")
    func pipes() throws {
        let key = try RSAPrivateKey.generate(bits: 2048, engines: EngineTable(.openSSL)).publicKey
        let group = try JXTAID.group(name: "chat")
        #expect(try JXTAID.peer(key: key).pipe(in: group) == JXTAID.pipe(key: key, group: group))
        #expect(group.kind == .group && group.text.hasSuffix("02"))
    }

    @Test(
        "JXSE's sample ids parse and print the same",
        .enabled(if: TestData.has("interop/jxse-2.5"), Comment(rawValue: TestData.absence)))
    func interop() throws {
        var count = 0
        for file in try TestData.files("interop/jxse-2.5", ending: ".xml") {
            for match in try TestData.text(file).matches(of: /urn:jxta:[a-z]+-[0-9A-Fa-f]+/) {
                let text = String(match.0)
                if let id = try? JXTAID(text) {
                    #expect(id.text == text)
                    count += 1
                }
            }
        }
        #expect(count > 10)
    }

    @Test("endpoint addresses with and without group redirection")
    func addresses() throws {
        let text = "tcp://127.0.0.1:19701/EndpointService:jxta-NetGroup/PipeService/urn:jxta:uuid-AA04"
        let address = try EndpointAddress(text)
        #expect(address.transport == "tcp://127.0.0.1:19701" && address.service == "EndpointService:jxta-NetGroup")
        #expect(address.pipe == "urn:jxta:uuid-AA04" && address.description == text)
        #expect(try EndpointAddress("tcp://127.0.0.1:1/PipeService/urn:x").pipe == "urn:x")
        #expect(try EndpointAddress("tcp://127.0.0.1:1").pipe == nil)
        #expect(try EndpointAddress("tcp://h:1/EndpointService:jxta-NetGroup/EndpointRouter").isRouter)
        #expect(throws: OverlayError.self) { try EndpointAddress("nonsense") }
    }
}
