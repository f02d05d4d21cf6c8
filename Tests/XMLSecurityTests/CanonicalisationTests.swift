import Foundation
import TestSupport
import Testing
import XMLSecurity

@Suite("Canonical XML", .enabled(if: TestData.has("vectors/c14n"), Comment(rawValue: TestData.absence)))
struct CanonicalisationTests {
    /// Vectors whose input has an internal subset or entities: our parser refuses those before canonicalising.
    private func parse(_ path: String) throws -> XMLDocument {
        let bytes = try TestData.bytes(path)
        return try XMLDocument(bytes.span.bytes)
    }

    struct Family: CustomTestStringConvertible, Sendable {
        let folder: String
        let form: CanonicalForm
        let compared: Int
        let refused: Int
        var testDescription: String { folder }
    }

    @Test(
        "libxml2's exclusive and inclusive vectors, 38 cases; those with a DTD are refused",
        arguments: [
            Family(folder: "exc-without-comments", form: .exclusive10, compared: 9, refused: 1),
            Family(folder: "without-comments", form: .inclusive10, compared: 7, refused: 3),
            Family(folder: "with-comments", form: .inclusive10, compared: 0, refused: 4),
            Family(folder: "1-1-without-comments", form: .inclusive11, compared: 13, refused: 1),
        ])
    func libxml2(_ family: Family) throws {
        let withComments = family.folder == "with-comments"
        var compared = 0
        var refused = 0
        for file in try TestData.files("vectors/c14n/libxml2/\(family.folder)", ending: ".xml") {
            let stem = String(file.dropLast(4))
            let document: XMLDocument
            do { document = try parse(file) } catch XMLError.documentTypeRefused {
                refused += 1
                continue
            }
            let canonical: [UInt8]
            if TestData.has(stem + ".xpath") {
                let (expression, namespaces) = try xpath(stem + ".xpath")
                let prefixes =
                    TestData.has(stem + ".ns")
                    ? try TestData.text(stem + ".ns").split(whereSeparator: \.isWhitespace).map(String.init) : []
                canonical = try document.canonical(
                    family.form, withComments: withComments, xpath: expression, namespaces: namespaces,
                    inclusivePrefixes: prefixes)
            } else {
                canonical = try document.canonical(family.form, withComments: withComments)
            }
            let expected = try TestData.bytes(stem + ".expected")
            #expect(canonical == expected, "\(file)")
            compared += 1
        }
        #expect(compared == family.compared && refused == family.refused)
    }

    @Test("Apache Santuario's C14N 1.0 inputs: 3 compared, 6 refused for their DTD")
    func santuario() throws {
        let folder = "vectors/c14n/santuario_10/"
        var (compared, refused) = (0, 0)
        for file in try TestData.files(String(folder.dropLast()), ending: "_input.xml") {
            let document: XMLDocument
            do { document = try parse(file) } catch XMLError.documentTypeRefused {
                refused += 1
                continue
            }
            let expected = try TestData.bytes(file.replacingOccurrences(of: "_input.xml", with: "_c14n.xml"))
            // One of them is about an element and all below it.
            let apex = "(//. | //@* | //namespace::*)[ancestor-or-self::*[local-name() = 'Object']]"
            let canonical =
                file.contains("redefinition")
                ? try document.canonical(.inclusive10, withComments: false, xpath: apex, namespaces: [])
                : try document.canonical(.inclusive10)
            #expect(canonical == expected, "\(file)")
            compared += 1
        }
        #expect(compared == 3 && refused == 6)
    }

    @Test("the W3C's C14N 1.1 node sets: 9 compared, 1 refused for its DTD")
    func w3c() throws {
        let folder = "vectors/c14n/w3c_c14n11"
        var (compared, refused) = (0, 0)
        for file in try TestData.files(folder, ending: ".xpath") {
            let stem = String(file.dropLast(6))
            // xmlbase-prop-1 is a node set of xmlbase-prop-input.
            let input = stem[..<(stem.lastIndex(of: "-") ?? stem.endIndex)] + "-input.xml"
            let document: XMLDocument
            do { document = try parse(String(input)) } catch XMLError.documentTypeRefused {
                refused += 1
                continue
            }
            let canonical = try document.canonical(
                .inclusive11, withComments: false, xpath: TestData.text(file),
                namespaces: [(prefix: "ietf", uri: "http://www.ietf.org")])
            #expect(canonical == (try TestData.bytes(stem + ".output")), "\(file)")
            compared += 1
        }
        #expect(compared == 9 && refused == 1)
    }

    /// Expression and namespace declarations of an XPath element.
    private func xpath(_ path: String) throws -> (String, [(prefix: String, uri: String)]) {
        let text = try TestData.text(path)
        let pattern = /xmlns:([A-Za-z0-9]+)\s*=\s*"([^"]*)"/
        let namespaces = text.matches(of: pattern).map { (prefix: String($0.1), uri: String($0.2)) }
        let bytes = Array(text.utf8)
        return (try XMLDocument(bytes.span.bytes).root.text, namespaces)
    }
}
