internal import Foundation
internal import Harness

/// Colours of a heat map: by powers of ten, dark enough or light enough for its ink on any paper.
enum HeatScale {
    private static let steps = ["#e6f0fa", "#b3d0ec", "#7fb0dd", "#4b8cc8", "#24659f", "#123c66"]
    private static let firstDarkStep = 3

    /// One step for each half power of ten from 3 % up.
    private static func step(_ percent: Double) -> Int {
        guard percent > 0 else { return 0 }
        return min(steps.count - 1, max(0, Int(((log10(percent) - 0.5) * 1.5).rounded())))
    }

    static func fill(_ percent: Double) -> String { steps[step(percent)] }

    static func ink(_ percent: Double) -> String { step(percent) >= firstDarkStep ? "#fefefe" : "#111111" }

    /// Marked where it is under the limit: colour alone tells some readers nothing.
    static func label(_ percent: Double, _ limit: Double) -> String {
        let text = percent < 100 ? decimal(percent, 1) : grouped(Int(percent.rounded()))
        return percent < limit ? "\(text) *" : text
    }
}
