internal import CryptoCore
internal import Metrology
internal import NIOCore
internal import Overlay
internal import Transport

/// One peer's side of the message experiments, on its event loop: no `await` inside a timed span.
final class PingPong: @unchecked Sendable {
    // Sendable: touched on the node's event loop only. PeerWorker guarantees it: it starts exchanges by
    // `node.loop.execute`, which the start functions check, and the node delivers its events there.

    /// Sixteen bytes back for every payload: when the event came, which message it was, what opening took.
    private static let replyBytes = 16
    private static let refused: UInt32 = .max

    private let node: PeerNode
    private let protection: TimedProtection
    private let group: JXTAID
    private var payload: [UInt8] = []
    private var buffer = PayloadBuffer.make(capacity: 64)
    private var reply = PayloadBuffer.make(capacity: 16)
    /// Receiving: forget every verification before the next message.
    var forgets = false
    private(set) var wrongPayloads = 0
    private(set) var refusals = 0
    private(set) var acknowledged = 0

    private var samples: [ExchangeSample] = []
    private var remaining = 0
    private var sequence: UInt32 = 0
    private var sentAt: UInt64 = 0
    private var sealTook: UInt64 = 0
    private var arm = ""
    private var pause: UInt64 = 0
    private var peer: JXTAID?
    private var finished: ((Result<[ExchangeSample], OverlayError>) -> Void)?
    private var groupDone: (() -> Void)?
    private var openLoop: OpenLoop?

    init(_ node: PeerNode, _ protection: TimedProtection, group: JXTAID) {
        self.node = node
        self.protection = protection
        self.group = group
        node.onEvent = { [unowned self] event in handle(event) }
        node.onRefusal = { [unowned self] error in handle(error) }
    }

    func prepare(_ payload: [UInt8]) {
        self.payload = payload
        wrongPayloads = 0
    }

    /// Sends `count` messages, each after the reply to the last and `pause` nanoseconds of spinning.
    func start(
        _ arm: String, count: Int, pause: UInt64, to peer: JXTAID,
        _ finished: @escaping (Result<[ExchangeSample], OverlayError>) -> Void
    ) {
        node.loop.preconditionInEventLoop()
        self.arm = arm
        self.pause = pause
        self.peer = peer
        self.finished = finished
        samples = []
        samples.reserveCapacity(count)
        remaining = count
        sendNext()
    }

    /// Sends `count` messages, one every `interval` nanoseconds, whatever has been answered.
    func startOpenLoop(
        _ arm: String, count: Int, interval: UInt64, to peer: JXTAID,
        _ finished: @escaping (Result<[OpenSample], OverlayError>) -> Void
    ) {
        node.loop.preconditionInEventLoop()
        let loop = OpenLoop(
            node, intervalNanoseconds: interval, count: count,
            send: { [unowned self] () throws(OverlayError) in try sendOne(secure: arm == "paper", to: peer) },
            finished: { [unowned self] result in
                openLoop = nil
                finished(result)
            })
        openLoop = loop
        loop.tick()
    }

    /// Sends one message with a flipped bit; finished when the other side has said that it refused it.
    func startTampered(to peer: JXTAID, _ finished: @escaping (Result<[ExchangeSample], OverlayError>) -> Void) {
        node.loop.preconditionInEventLoop()
        self.finished = finished
        arm = "tampered"
        remaining = 1
        do throws(OverlayError) {
            let payload = PayloadBuffer.make(self.payload)
            var outgoing = try node.withClient { (client) throws(OverlayError) in
                try client.compose(payload, to: peer, in: group, secure: true, at: Clock.unix())
            }
            outgoing = outgoing.flippingOneBit()
            node.transmit(outgoing)
        } catch { end(.failure(error)) }
    }

    /// CPU time of sending to the whole group once; finished when every member has replied.
    func sendToGroup(_ arm: String, members: [JXTAID], _ finished: @escaping (Result<UInt64, OverlayError>) -> Void) {
        acknowledged = 0
        self.arm = "group"
        do throws(OverlayError) {
            PayloadBuffer.reuse(&buffer, capacity: payload.count)
            buffer.writeBytes(payload)
            let start = Clock.threadCPU()
            switch arm {
            // secureMsgPeer sixteen times: what the group primitive is compared with.
            case "iterated":
                for member in members {
                    var own = PayloadBuffer.make(capacity: payload.count)
                    own.writeBytes(payload)
                    try node.send(consume own, to: member, in: group, secure: true)
                }
            default: try node.send(buffer, toGroup: group, secure: arm == "paper")
            }
            let spent = Clock.threadCPU() - start
            groupDone = { [unowned self] in
                guard acknowledged >= members.count else { return }
                groupDone = nil
                finished(.success(spent))
            }
        } catch { finished(.failure(error)) }
    }

    private func sendNext() {
        guard let peer else { return }
        sequence &+= 1
        if arm == "paper-uncached" { node.withClient { $0.verifier.forget(chainsToo: true) } }
        _ = protection.take()
        Clock.spend(nanoseconds: pause)
        do throws(OverlayError) { try sendOne(secure: arm.hasPrefix("paper"), to: peer) } catch {
            return end(.failure(error))
        }
        sealTook = protection.take()
    }

    private func sendOne(secure: Bool, to peer: JXTAID) throws(OverlayError) {
        PayloadBuffer.reuse(&buffer, capacity: payload.count)
        buffer.writeBytes(payload)
        var outgoing = ByteBuffer()
        swap(&outgoing, &buffer)
        sentAt = Clock.wall()
        buffer = try node.send(consume outgoing, to: peer, in: group, secure: secure)
    }

    private func handle(_ event: OverlayEvent) {
        guard case .message(let message) = event else { return }
        let arrived = Clock.wall()
        if let openLoop, message.payload.readableBytes == Self.replyBytes {
            return openLoop.arrived(at: message.payload.getInteger(at: message.payload.readerIndex) ?? 0)
        }
        if message.payload.readableBytes == Self.replyBytes, finished != nil || groupDone != nil {
            return acknowledge(message.payload, at: arrived)
        }
        answer(message, at: arrived)
    }

    private func answer(_ message: InboundMessage, at arrived: UInt64) {
        let opened = UInt32(clamping: protection.take())
        acknowledge(to: message.sender, arrived, sequence: 0, opened)
        // Checked after the reply has gone, outside the timed span.
        let isRight = message.payload.withUnsafeReadableBytes { isSame($0, as: payload) }
        if !isRight { wrongPayloads += 1 }
        if forgets { node.withClient { $0.verifier.forget(chainsToo: true) } }
    }

    private func handle(_ error: OverlayError) {
        refusals += 1
        _ = protection.take()
        // A tampered message names its sender in clear: the sender is told that it was refused.
        if let peer { acknowledge(to: peer, 0, sequence: Self.refused, 0) } else { end(.failure(error)) }
    }

    /// Whom refusals are reported to.
    func expect(_ peer: JXTAID) { self.peer = peer }

    private func acknowledge(to peer: JXTAID, _ arrived: UInt64, sequence: UInt32, _ opened: UInt32) {
        PayloadBuffer.reuse(&reply, capacity: Self.replyBytes)
        reply.writeMultipleIntegers(arrived, sequence, opened)
        var outgoing = ByteBuffer()
        swap(&outgoing, &reply)
        do throws(OverlayError) {
            reply = try node.send(consume outgoing, to: peer, in: group, secure: false)
        } catch { wrongPayloads += 1 }
    }

    private func acknowledge(_ content: ByteBuffer, at now: UInt64) {
        var content = content
        guard
            let (arrived, mark, opened) = content.readMultipleIntegers(as: (UInt64, UInt32, UInt32).self)
        else { return }
        if let groupDone {
            acknowledged += 1
            return groupDone()
        }
        let wasRefused = mark == Self.refused
        guard wasRefused == (arm == "tampered") else {
            return end(
                .failure(
                    wasRefused ? .refusedByPeer("a genuine message") : .unexpectedReply("a tampered message passed")))
        }
        if !wasRefused {
            samples.append(
                ExchangeSample(
                    oneWay: arrived &- sentAt, roundTrip: now &- sentAt, seal: sealTook, open: UInt64(opened)))
        }
        remaining -= 1
        if remaining > 0 { sendNext() } else { end(.success(samples)) }
    }

    private func end(_ result: Result<[ExchangeSample], OverlayError>) {
        let finished = finished
        self.finished = nil
        finished?(result)
    }
}

extension OutgoingMessage {
    /// The same message with one bit of its sealed content changed.
    fileprivate func flippingOneBit() -> OutgoingMessage {
        var elements = message.elements
        for index in elements.indices where elements[index].name == .sealed {
            let middle = elements[index].content.readerIndex + elements[index].content.readableBytes / 2
            let byte = elements[index].content.getInteger(at: middle, as: UInt8.self) ?? 0
            elements[index].content.setInteger(byte ^ 1, at: middle)
        }
        return OutgoingMessage(
            peer: peer, pipe: pipe, group: group, addresses: addresses, message: Message(elements))
    }
}
