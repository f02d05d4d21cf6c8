internal import Foundation
internal import Harness
internal import Projection

/// The answer in a few sentences.
enum SummaryChapter {
    static func make(_ runs: [RecordedRun], _ projections: [Projection]) -> OverheadReport.Chapter {
        var chapter = OverheadReport.Chapter(name: "summary", title: "In short")
        for run in runs {
            let link =
                run.summary.link == "loopback"
                ? "over loopback, without network latency" : "over the emulated link \(run.summary.link)"
            for overhead in run.summary.overheads where Self.isHeadline(overhead.id) {
                let kind = run.summary.rows.first { $0.id == overhead.id }?.kind ?? .measured
                chapter.paragraphs.append(
                    "\(kind.rawValue.capitalized): \(Self.what(overhead.id)) \(link) takes \(decimal(overhead.percent, 1)) % longer than the plain one (95 % interval \(decimal(overhead.low, 1)) to \(decimal(overhead.high, 1)) %): \(milliseconds(overhead.addedNanoseconds)) ms more, \(decimal(overhead.percentOfSecure, 1)) % of the secure one."
                        + (overhead.percentWithoutHash.map {
                            " Without the password hash, which both joins pay for (\(milliseconds(overhead.passwordHashNanoseconds ?? 0)) ms): \(decimal($0, 1)) %."
                        } ?? ""))
            }
        }
        // Without any latency a plain join is next to nothing, and so is what its percentage says.
        if let projection = projections.first(where: { $0.link != "loopback" }) ?? projections.first {
            for overhead in projection.overheads where Self.isHeadline(overhead.id) {
                chapter.paragraphs.append(
                    "Projected to \(projection.profile.title), link \(projection.link): \(Self.what(overhead.id)) takes \(milliseconds(overhead.addedNanoseconds)) ms more (5 to 95 %: \(milliseconds(overhead.addedLow)) to \(milliseconds(overhead.addedHigh)) ms), \(decimal(overhead.percent, 1)) % of the plain one (\(decimal(overhead.low, 1)) to \(decimal(overhead.high, 1)) %)."
                        + (overhead.percentWithoutHash.map { " Without the password hash: \(decimal($0, 1)) %." } ?? "")
                )
            }
        }
        return chapter
    }

    private static func isHeadline(_ id: String) -> Bool {
        id.hasPrefix("join/paper/") || id.hasPrefix("message/paper/") && id.hasSuffix("/1024")
    }

    private static func what(_ id: String) -> String {
        id.hasPrefix("join/") ? "a secure join" : "a secure message of 1024 bytes"
    }
}
