internal import Harness
public import Projection

/// Profiles as text.
public enum ProfileTables {
    /// One line a profile.
    public static func list(_ profiles: [HardwareProfile]) -> String {
        var table = TextTable(["profile", "figures", "lacks for rsa2048", "what it is"])
        for profile in profiles {
            let needed = [
                Cost.privateOperation("rsa2048"), Cost.publicOperation("rsa2048"), Cost.aead("rsa2048"), Cost.hash,
                Cost.copy,
                Cost.instruction, Cost.passwordHash, Cost.kernelMessage, Cost.kernelByte,
            ]
            let lacking = needed.filter { profile.figure($0) == nil }
            table.add([
                profile.id, "\(profile.figures.count)",
                lacking.isEmpty ? "nothing: can be projected to" : lacking.joined(separator: ", "), profile.title,
            ])
        }
        return table.aligned
    }

    /// Every number with its interval and where it comes from.
    public static func show(_ profile: HardwareProfile) -> String {
        var table = TextTable(["figure", "value", "5 %", "95 %", "unit", "class", "source"])
        for figure in profile.figures {
            table.add([
                figure.id, number(figure.value), number(figure.low), number(figure.high), figure.unit.rawValue,
                figure.sourceClass.rawValue, figure.source,
            ])
        }
        return "\(profile.title)\n\(profile.machine)\n\(profile.notes)\n\n\(table.aligned)"
    }

    private static func number(_ value: Double) -> String {
        value >= 1000 ? grouped(Int(value.rounded())) : decimal(value, 3)
    }
}
