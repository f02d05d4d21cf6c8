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

    /// Expression and namespace declarations of an XPath element.
    private func xpath(_ path: String) throws -> (String, [(prefix: String, uri: String)]) {
        let text = try TestData.text(path)
        let pattern = /xmlns:([A-Za-z0-9]+)\s*=\s*"([^"]*)"/
        let namespaces = text.matches(of: pattern).map { (prefix: String($0.1), uri: String($0.2)) }
        let bytes = Array(text.utf8)
        return (try XMLDocument(bytes.span.bytes).root.text, namespaces)
    }
}
