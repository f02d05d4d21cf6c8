import Foundation
import Harness
import Projection
import Testing

@Suite("Hardware profiles")
struct ProfileTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test("every committed profile reads; the paper's machine prices all that a join and a message take")
    func committed() throws {
        let folder = Self.root.appendingPathComponent("Results/profiles")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
        #expect(files.count >= 9)
        for file in files {
            let profile = try HardwareProfile.read(file)
            #expect(file.lastPathComponent == "\(profile.id).json")
        }
        let paper = try HardwareProfile.read(folder.appendingPathComponent("pentium-m-1.2.json"))
        for (id, _) in Cost.all where !id.contains("x") || id == "private/rsa2048x3" {
            #expect(paper.figure(id) != nil, "\(id)")
        }
        #expect(!paper.figures.contains { $0.sourceClass == .measured }, "nobody measured a Pentium M")
    }

    /// A profile as its file has it, with one thing changed.
    private func read(_ from: String, _ to: String) throws -> HardwareProfile {
        let text = """
            {"schema": "juxtapose.profile/1", "id": "m", "title": "t", "machine": "x", "notes": "", "figures": [
              {"id": "sha256", "value": 2.0, "low": 1.5, "high": 2.5, "unit": "ns/B", "sourceClass": "published", "source": "s"},
              {"id": "instruction", "value": 1.0, "low": 1.0, "high": 1.0, "unit": "ns", "sourceClass": "assumed", "source": "s"}]}
            """
        #expect(text.contains(from), "the change changes something")
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try text.replacingOccurrences(of: from, with: to).write(to: file, atomically: true, encoding: .utf8)
        return try HardwareProfile.read(file)
    }

    @Test(
        "a profile of another schema, without unit or source, with NaN, an odd interval or an unknown figure is refused",
        arguments: [
            ("profile/1", "profile/2"), (#""unit": "ns/B", "#, ""), ("ns/B", "ns"), ("ns/B", "s"),
            (#", "source": "s"}"#, "}"), (#""source": "s""#, #""source": " ""#), ("2.0", "NaN"), ("2.0", "\"NaN\""),
            ("2.0", "-2.0"), ("2.0", "1e999"), (#""low": 1.5"#, #""low": 2.2"#), (#""high": 2.5"#, #""high": 1.9"#),
            (#""low": 1.5"#, #""low": 0"#), ("\"sha256\"", "\"sha1\""), ("\"instruction\"", "\"sha256\""),
            (#""notes": "","#, #""notes": "", "notes": "","#), (#""notes": "","#, #""more": 1, "notes": "","#),
            ("\"m\"", "\"../m\""), ("published", "guessed"),
        ])
    func refused(from: String, to: String) throws {
        #expect { try read(from, to) } throws: { ($0 as? Failure)?.code == .badData }
    }

    @Test("what is right is read")
    func accepted() throws {
        #expect(try read("2.0", "2.25").figure("sha256")?.value == 2.25)
    }
}
