/// Counts as a table.
public struct CountReport: Sendable {
    private let counts: Counts

    public init(_ counts: Counts) { self.counts = counts }

    public var terminal: String {
        var text = table.aligned
        if let reason = counts.notCounted {
            text += "\n  instructions, allocations and system calls were not counted: \(reason)\n"
        }
        text += "\n  largest memory of the worker: \(counts.peakResidentBytes >> 20) MiB (not the same in every run)\n"
        return text
    }

    private var table: TextTable {
        var table = TextTable([
            "row", "engine", "instructions", "allocations", "syscalls", "private", "public", "AEAD B", "hashed B",
            "wire B", "round trips", "copied B", "password hashes",
        ])
        for row in counts.rows {
            table.add([row.id, row.engine] + CountRow.figures.map { figure in figure.value(row).map(grouped) ?? "-" })
        }
        return table
    }
}

/// Thousands kept apart: 1 234 567.
package func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
        if index > 0, (digits.count - index) % 3 == 0 { text.append(" ") }
        text.append(digit)
    }
    return value < 0 ? "-" + text : text
}
