/// How much a run measures. Plans differ in sizes and pairs, never in what a row means.
public struct Plan: Equatable, Sendable {
    public var name: String
    public var payloadSizes: [Int]
    public var messagePairs: Int
    public var roundTripPairs: Int
    public var joinPairs: Int
    public var operationPairs: Int
    /// RSA operations per engine and size.
    public var corePairs: Int
    public var keyGenerations: Int
    /// How many processes take turns as sender and as receiver: each keeps its memory layout for life.
    public var processes: Int
    /// Clients that log in and stay, for the broker's memory.
    public var idleClients = 0
    /// Whether engines, references and masks are compared, and nothing else.
    public var comparesCore = false

    /// Every row once, within a minute.
    public static let smoke = Plan(
        name: "smoke", payloadSizes: [1024, 65536, 1 << 20], messagePairs: 24, roundTripPairs: 120, joinPairs: 10,
        operationPairs: 60, corePairs: 12, keyGenerations: 5, processes: 2)

    /// What a report is made from, within a minute or two. Payloads grow by four from 16 B to 1 MiB.
    public static let standard = Plan(
        name: "standard", payloadSizes: [16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1 << 20], messagePairs: 160,
        roundTripPairs: 600, joinPairs: 60, operationPairs: 400, corePairs: 60, keyGenerations: 20, processes: 4)

    /// The crypto core alone: engines, references and masks side by side.
    public static let core = Plan(
        name: "core", payloadSizes: [], messagePairs: 0, roundTripPairs: 0, joinPairs: 0, operationPairs: 40,
        corePairs: 60, keyGenerations: 0, processes: 1, comparesCore: true)

    /// Many idle clients on one broker, for its memory.
    public static let capacity = Plan(
        name: "capacity", payloadSizes: [], messagePairs: 0, roundTripPairs: 0, joinPairs: 0, operationPairs: 0,
        corePairs: 0, keyGenerations: 0, processes: 1, idleClients: 1000)

    /// The same sizes with more or fewer pairs, never fewer than tell anything.
    public func scaled(by factor: Double) -> Plan {
        var plan = self
        func scale(_ pairs: inout Int, least: Int) {
            if pairs > 0 { pairs = max(min(least, pairs), Int(Double(pairs) * factor)) }
        }
        scale(&plan.messagePairs, least: 16)
        scale(&plan.roundTripPairs, least: 40)
        scale(&plan.joinPairs, least: 10)
        scale(&plan.operationPairs, least: 30)
        scale(&plan.corePairs, least: 10)
        scale(&plan.keyGenerations, least: 3)
        return plan
    }

    public static let all = [smoke, standard, core, capacity]

    public static func named(_ name: String) -> Plan? { all.first { $0.name == name } }
}
