import Foundation
import TestSupport
import Testing

/// The published schemas, and a real validator: Python's jsonschema.
enum JuxtaposeSchemas {
    static let results = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Results")
    private static let folder = results.appendingPathComponent("schemas")
    private static let isHere = (try? run("python3", ["-c", "import jsonschema"]))?.status == 0

    /// A file, or each line of one, against a schema. Without the validator nothing is checked.
    static func validate(_ file: String, _ name: String) throws {
        guard isHere else {
            Issue.record("python3-jsonschema is absent: nothing was validated", severity: .warning)
            return
        }
        let script = """
            import json, jsonschema, sys
            file, schema = sys.argv[1], json.load(open(sys.argv[2]))
            text = open(file).read()
            for document in text.splitlines() if file.endswith(".jsonl") else [text]:
                jsonschema.validate(json.loads(document), schema)
            """
        let result = try run("python3", ["-c", script, file, folder.appendingPathComponent("\(name)-1.json").path])
        #expect(result.status == 0, "\(file): \(result.output.suffix(800))")
    }
}
