internal import Foundation
internal import Harness

/// Everything that a run recorded, and where.
enum RunChapter {
    static func make(_ run: RecordedRun) -> OverheadReport.Chapter {
        let name = run.folder.url.lastPathComponent
        let manifest = run.manifest
        var machine = TextTable(["what", "value"])
        let unknown = "could not be told"
        for (what, value) in [
            ("started", manifest.startedUTC), ("command", manifest.commandLine.joined(separator: " ")),
            ("revision", (manifest.gitRevision ?? unknown) + (manifest.gitIsDirty == true ? ", with changes" : "")),
            ("program, SHA-256", manifest.binarySHA256), ("compiler", manifest.compiler),
            (
                "libraries",
                manifest.libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            ),
            ("processor", "\(manifest.cpuModel ?? unknown), \(manifest.cores) cores"),
            ("instruction set mask", manifest.cpuMask ?? "none"),
            ("kernel", manifest.kernel), ("governor", manifest.governor ?? unknown),
            ("clock source", manifest.clockSource ?? unknown),
            ("load at the start", manifest.loadAverage ?? unknown),
            ("steal ticks at the start", manifest.stealTicks.map { "\($0)" } ?? unknown),
            ("placement", manifest.placement), ("seed", "\(manifest.seed)"),
            (
                "engines",
                manifest.engines.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
            ),
        ] { machine.add([what, value]) }
        let note = Report(run.summary, run.manifest).linkNote
        return OverheadReport.Chapter(
            name: "run-\(name.filter { $0.isLetter || $0.isNumber })", title: "Run \(name)",
            paragraphs: ["Every row with its kind, and the machine that it comes from. Link: \(note)."],
            tables: [("Machine and manifest", machine)]
                + Report(run.summary, run.manifest).sections.map { ("\($0.title) (\(note))", $0.table) })
    }
}
