import Foundation
import TestSupport
import Testing
import XMLSecurity

@Suite("Hostile XML")
struct HostileXMLTests {
    @Test(
        "document types beyond a bare name are refused unread",
        arguments: [
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
            "<!DOCTYPE a PUBLIC 'x' 'http://127.0.0.1/x'><a/>", "<!DOCTYPE a []><a/>",
        ])
    func documentTypes(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: XMLError.documentTypeRefused) { try XMLDocument(bytes.span.bytes) }
    }

    @Test("JXTA's bare DOCTYPE is accepted and changes nothing")
    func bareDocumentType() throws {
        let bytes = Array("<?xml version=\"1.0\"?><!DOCTYPE jxta:PA><a b=\"c\">d</a>".utf8)
        #expect(try XMLDocument(bytes.span.bytes).canonical() == Array("<a b=\"c\">d</a>".utf8))
    }

    @Test(
        "undeclared entities, broken markup and nothing at all are refused",
        arguments: [
            "<a>&x;</a>", "<a>", "<a></b>", "", " ", "<a/><b/>", "<a b=\"1\" b=\"2\"/>", "<x:a/>", "<a>\u{1}</a>",
        ])
    func malformed(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(throws: XMLError.self) { try XMLDocument(bytes.span.bytes).canonical() }
    }

    @Test(
        "a zero byte is refused wherever it stands, and nothing behind one goes unread",
        arguments: ["", #"<?xml version="1.0" encoding="UTF-8"?>"#, "<?xml version='1.0'?>", "\u{feff}", "\n"])
    func zeroBytes(_ prolog: String) throws {
        let content = Array(#"<a b="c">d</a>"#.utf8)
        let text = Array(prolog.utf8) + content
        for index in 0...text.count {
            var bytes = text
            bytes.insert(0, at: index)
            #expect(throws: XMLError.self, "\(index)") { try XMLDocument(bytes.span.bytes) }
            bytes.append(contentsOf: content)
            #expect(throws: XMLError.self, "\(index)") { try XMLDocument(bytes.span.bytes) }
        }
        #expect(try XMLDocument(text.span.bytes).canonical() == content)
    }

    @Test("UTF-8 and what declares Latin-1 are read; UTF-16 and bytes of no encoding are refused")
    func encodings() throws {
        let content = "<a>\u{e9}</a>"
        func bytes(_ declaration: String, _ character: [UInt8]) -> [UInt8] {
            Array("\(declaration)<a>".utf8) + character + Array("</a>".utf8)
        }
        let latin = #"<?xml version="1.0" encoding="ISO-8859-1"?>"#
        let utf8 = #"<?xml version="1.0" encoding="UTF-8"?>"#
        for text in [
            bytes("", [0xc3, 0xa9]), bytes(utf8, [0xc3, 0xa9]), bytes("\u{feff}", [0xc3, 0xa9]), bytes(latin, [0xe9]),
        ] { #expect(try XMLDocument(text.span.bytes).canonical() == Array(content.utf8)) }
        // UTF-16 has zero bytes.
        let wide: [UInt8] = [0xff, 0xfe] + content.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        for text in [bytes("", [0xe9]), bytes(utf8, [0xe9]), wide] {
            #expect(throws: XMLError.self) { try XMLDocument(text.span.bytes) }
        }
    }

    @Test("length, depth and attributes are capped")
    func caps() throws {
        let limits = XMLLimits(bytes: 10_000, depth: 8, attributes: 4)
        func parse(_ text: String) throws {
            let bytes = Array(text.utf8); _ = try XMLDocument(bytes.span.bytes, limits: limits)
        }
        #expect(throws: XMLError.tooLong(limit: 10_000, actual: 10_007)) {
            try parse("<a>" + String(repeating: "x", count: 10_000) + "</a>")
        }
        let deep = String(repeating: "<a>", count: 9) + String(repeating: "</a>", count: 9)
        #expect(throws: XMLError.tooDeep(limit: 8)) { try parse(deep) }
        try parse(String(repeating: "<a>", count: 8) + String(repeating: "</a>", count: 8))
        #expect(throws: XMLError.tooManyAttributes(limit: 4)) { try parse("<a b='' c='' d='' e='' f=''/>") }
    }

    @Test(
        "libxml2's entity bombs and error cases, and fuzz seeds, are refused or parsed, never worse",
        .enabled(if: TestData.has("vectors/xml_hostile"), Comment(rawValue: TestData.absence)),
        arguments: ["xml_hostile/libxml2_entity_bombs", "xml_hostile/libxml2_errors", "fuzz_seed/gofuzz_xml"])
    func corpora(_ folder: String) throws {
        var (refused, parsed) = (0, 0)
        for file in try TestData.files("vectors/" + folder, ending: "") {
            guard let bytes = try? TestData.bytes(file) else { continue }
            do {
                _ = try? XMLDocument(bytes.span.bytes).canonical()
                _ = try XMLDocument(bytes.span.bytes)
                parsed += 1
            } catch { refused += 1 }
        }
        #expect(refused > 0 && refused + parsed > 6)
        if folder.contains("bombs") { #expect(parsed == 0) }
    }

    @Test("base64 comes back, and foreign characters, loose bits and missing padding are refused")
    func base64() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8($0 * 7 & 255) }
            #expect(Base64.encode(bytes).withUnsafeBytes(Base64.decode) == bytes)
        }
        for text in ["A", "AB", "ABC", "AB=", "AB==C", "AB-=", "AR==", "ABF="] {
            #expect(Array(text.utf8).withUnsafeBytes(Base64.decode) == nil, "\(text)")
        }
        #expect(Array("aG Vs\nbG8=".utf8).withUnsafeBytes(Base64.decode) == Array("hello".utf8))
    }

    @Test("the cache of verified things is bounded in entries and bytes and forgets the oldest")
    func cache() {
        var cache = VerifiedCache<Int>(capacity: 3)
        let keys = (0..<50).map { ExactBytes([UInt8($0)]) }
        for (number, key) in keys.enumerated() { cache.insert(number, for: key) }
        #expect(cache.count == 3)
        #expect(keys.suffix(4).map { cache[$0] } == [nil, 47, 48, 49])
        cache.removeAll()
        #expect(cache.count == 0 && cache[keys[49]] == nil)

        var small = VerifiedCache<Int>(capacity: 100, byteCapacity: 1000)
        for number in 0..<10 { small.insert(number, for: ExactBytes([UInt8](repeating: UInt8(number), count: 300))) }
        #expect(small.count == 3)
        small.insert(10, for: ExactBytes([UInt8](repeating: 10, count: 1001)))
        #expect(small.count == 3, "a key over the bound never enters")
    }

    @Test("keys that differ in one byte anywhere differ, however alike the sampled bytes are")
    func exactBytes() {
        let bytes = (0..<3000).map { UInt8($0 & 255) }
        #expect(ExactBytes(bytes) == ExactBytes(bytes))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(ExactBytes(other) != ExactBytes(bytes))
        }
        #expect(ExactBytes([]) == ExactBytes([]) && ExactBytes([]) != ExactBytes([0]))
    }
}
