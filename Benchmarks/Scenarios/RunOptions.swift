public import CryptoCore
public import Foundation
public import Harness
public import Transport

/// What a run was asked for.
public struct RunOptions: Sendable {
    public var plan: Plan
    public var suite: Suite
    public var engine: EngineChoice
    public var arms: Set<String>
    public var link: LinkShape?
    public var linkText: String
    /// Real files to send instead of generated payloads.
    public var payloadFile: URL?
    /// Messages a second of the open loop; nil for none.
    public var rate: Double?
    public var seed: UInt64
    public var results: URL

    func scaled(by factor: Double) -> RunOptions {
        var scaled = self
        scaled.plan = plan.scaled(by: factor)
        return scaled
    }

    /// Everything that decides what is measured, in one line.
    var request: String {
        let sizes = plan.payloadSizes.map { "\($0)" }.joined(separator: ",")
        let pairs = [plan.messagePairs, plan.roundTripPairs, plan.joinPairs, plan.operationPairs, plan.corePairs]
        return
            "plan \(plan.name), suite \(suite.name), engine \(engine.name), arms \(arms.sorted().joined(separator: "+")), sizes \(sizes), pairs \(pairs.map { "\($0)" }.joined(separator: "/")), link \(linkText), rate \(rate.map { "\($0)" } ?? "none"), file \(payloadFile?.path ?? "none"), seed \(seed)"
    }

    public static let allArms: Set<String> = ["plain", "paper", "paper-uncached"]

    public init(
        plan: Plan, suite: Suite, engine: EngineChoice, arms: Set<String> = allArms, link: LinkShape? = nil,
        linkText: String = "loopback", payloadFile: URL? = nil, rate: Double? = nil, seed: UInt64,
        results: URL
    ) {
        self.plan = plan
        self.suite = suite
        self.engine = engine
        self.arms = arms
        self.link = link
        self.linkText = linkText
        self.payloadFile = payloadFile
        self.rate = rate
        self.seed = seed
        self.results = results
    }
}
