internal import Foundation
internal import Harness
internal import NIOCore
internal import Overlay
internal import Transport

/// The commands of `juxtapose peer`.
struct Conversation {
    let node: PeerNode
    var group: String
    let secure: Bool

    mutating func run() async throws {
        while let line = await nextLine() {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            guard let command = words.first else { continue }
            if command == "quit" { return }
            do { try await perform(command, Array(words.dropFirst())) } catch {
                say("error: \(Explanation.failure(for: error).message)")
            }
        }
    }

    static func show(_ event: OverlayEvent) {
        switch event {
        case .message(let message):
            let from = message.user ?? message.sender.text
            say("\(from)\(message.isSecure ? "" : " (plain, unproven)"): \(String(buffer: message.payload))")
        case .advertisement(_, let user, _): say("* \(user ?? "a peer") is here")
        case .presence(let presence): if presence.status == .offline { say("* \(presence.user) has left") }
        }
    }

    private mutating func perform(_ command: String, _ words: [String]) async throws {
        switch (command, words.count) {
        case ("list", 0): for (name, _) in try await members() { say("  \(name)") }
        case ("groups", 0):
            for group in try await node.perform(ListGroups()) { say("  \(group.name)\(group.isOpen ? " (open)" : "")") }
        case ("send", 2): try await send(words[1], to: words[0])
        case ("sendgroup", 1...): try await sendToGroup(words.joined(separator: " "))
        case ("group", 1): group = words[0]
        case ("create", 1): try await enter(try await node.perform(CreateGroup(words[0])))
        case ("join", 1): try await enter(try await node.perform(JoinGroup(words[0])))
        case ("leave", 1):
            let left = try await node.perform(LeaveGroup(words[0]))
            await node.update { $0.left(left) }
            say("left \(left.name)")
        case ("wait", 1): try await Task.sleep(for: .seconds(min(3600, Double(words[0]) ?? 1)))
        default:
            say(
                "unknown, or without what it needs: \(command); commands: list, groups, send USER TEXT, sendgroup TEXT, group NAME, create NAME, join NAME, leave NAME, wait SECONDS, quit"
            )
        }
    }

    private mutating func enter(_ record: GroupRecord) async throws {
        await node.update { $0.joined(record) }
        try await node.publish(record.id)
        group = record.name
        say("in group \(record.name)")
    }

    private func members() async throws -> [(String, JXTAID)] {
        let id = try JXTAID.group(name: group)
        return try await node.read { client in
            client.roster.members(of: id).map { ($0.entry.advertisement.name ?? $0.peer.text, $0.peer) }
        }
    }

    private func send(_ text: String, to user: String) async throws {
        guard let peer = try await members().first(where: { $0.0 == user })?.1 else {
            throw Failure(.inputMissing, "\(user) is not in group \(group) now; `list` shows who is")
        }
        let (id, secure) = (try JXTAID.group(name: group), secure)
        let result: Result<Void, OverlayError> = await node.onLoop { node in
            do throws(OverlayError) {
                try node.send(PayloadBuffer.make(Array(text.utf8)), to: peer, in: id, secure: secure)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
        say("sent to \(user)")
    }

    private func sendToGroup(_ text: String) async throws {
        let (id, secure) = (try JXTAID.group(name: group), secure)
        let result: Result<Int, OverlayError> = await node.onLoop { node in
            do throws(OverlayError) {
                return .success(try node.send(PayloadBuffer.make(Array(text.utf8)), toGroup: id, secure: secure))
            } catch { return .failure(error) }
        }
        let count = try result.get()
        say("sent to \(count) \(count == 1 ? "member" : "members")")
    }

    /// Reads standard input on a thread of its own: the tasks' threads must not block.
    private func nextLine() async -> String? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: readLine()) }
        }
    }
}
