import Accounts
import CryptoCore
import Foundation
import NIOCore
import Overlay
import Testing
import Transport

@Suite("§2.1 groups, presence and published advertisements")
struct GroupTests {
    let network: PaperNetwork

    init() throws { network = try PaperNetwork() }

    @Test("groups are created, listed, joined and left; they overlap")
    func life() throws {
        let (_, adaLink) = try network.member("ada", 1)
        let (_, bobLink) = try network.member("bob", 2)
        let made = try adaLink.perform(CreateGroup("poetry"), at: PaperNetwork.now)
        #expect(made.isOpen)
        #expect(try list(bobLink) == ["chat", "math", "poetry"])
        #expect(try join("poetry", bobLink) == made)
        #expect(try network.directory.account(of: "bob")?.groups.map(\.name) == ["chat", "poetry"])
        _ = try bobLink.perform(LeaveGroup("poetry"), at: PaperNetwork.now)
        #expect(try network.directory.account(of: "bob")?.groups.map(\.name) == ["chat"])
    }

    @Test("a taken name, an unknown group and a closed one are refused")
    func refusals() throws {
        let (_, link) = try network.member("bob", 2)
        #expect(throws: OverlayError.self) { try create("chat", link) }
        #expect(throws: OverlayError.self) { try join("nowhere", link) }
        #expect(throws: OverlayError.self) { try join("math", link) }
        #expect(link.answers.suffix(3).map { $0.refusal == nil } == [false, false, false])
    }

    @Test("nothing is answered before login or after logout")
    func loggedOut() throws {
        let (_, stranger) = try network.peer(3)
        #expect(throws: OverlayError.self) { try list(stranger) }
        let (_, link) = try network.member("bob", 2)
        try link.perform(Logout(), at: PaperNetwork.now)
        #expect(throws: OverlayError.self) { try list(link) }
    }

    @Test("a newcomer gets the members' and the broker's advertisements, the members get the newcomer's")
    func introductions() throws {
        let (ada, bob) = try network.pair()
        let group = try chat()
        #expect(ada.roster[group, bob.identity.peerID] != nil)
        #expect(bob.roster[group, ada.identity.peerID] != nil)
        #expect(bob.roster[.netGroup, network.broker.identity.peerID] != nil)
    }

    @Test("publishing for a foreign group, or another member's advertisement, is refused")
    func foreignPublication() throws {
        let (bob, link) = try network.member("bob", 2)
        let foreign = try bob.advertisement(for: JXTAID.group(name: "math"), addresses: [])
        #expect(throws: OverlayError.self) { try publish(foreign, link) }
        #expect(link.answers.last?.refusal == .notMember(group: try JXTAID.group(name: "math").text))
        let (ada, _) = try network.member("ada", 1)
        let stolen = try ada.advertisement(for: chat(), addresses: [])
        #expect(throws: OverlayError.self) { try publish(stolen, link) }
        #expect(link.answers.last?.refusal == .senderMismatch)
    }

    @Test("a member that leaves or whose connection closes is announced offline")
    func presence() throws {
        var (ada, adaLink) = try network.member("ada", 1)
        let (bob, bobLink) = try network.member("bob", 2)
        try network.deliverPushes(from: [bobLink], to: adaLink.connection, &ada)
        #expect(ada.roster[try chat(), bob.identity.peerID] != nil)
        _ = try compose(for: bob, by: &ada)
        for push in network.broker.closed(bobLink.connection).pushes where push.connection == adaLink.connection {
            _ = try ada.receive(push.message, under: Heading(of: push.message, on: nil), at: PaperNetwork.now)
        }
        #expect(ada.roster[try chat(), bob.identity.peerID] == nil)
        #expect(throws: OverlayError.peerUnknown(bob.identity.peerID.text)) { try compose(for: bob, by: &ada) }
    }

    @Test("leaving a group that one is not in is told to nobody")
    func foreignLeaving() throws {
        _ = try network.member("ada", 1, in: "math")
        let (_, bobLink) = try network.member("bob", 2)
        _ = try bobLink.perform(LeaveGroup("math"), at: PaperNetwork.now)
        #expect(bobLink.answers.last?.pushes.isEmpty == true)
    }

    @Test("a second login on a connection ends the first, in its groups too")
    func secondLogin() throws {
        let (_, adaLink) = try network.member("ada", 1, in: "math")
        let (client, link) = try network.member("ada", 3, in: "math")
        let session = try link.perform(network.secureConnection(), at: PaperNetwork.now)
        _ = try link.perform(network.secureLogin("bob", as: client, session), at: PaperNetwork.now)
        let pushes = try #require(link.answers.last?.pushes)
        #expect(pushes.map(\.connection) == [adaLink.connection])
        let document = try #require(pushes.first?.message[.presence])
        let presence = try PresenceAdvertisement(parsing: document.readableBytesSpan)
        #expect(presence.status == .offline && presence.user == "ada" && presence.peer == client.identity.peerID)
        // Who publishes for the group now is not introduced to the one who has left.
        let (_, againLink) = try network.member("ada", 4, in: "math")
        #expect(againLink.answers.last?.pushes.contains { $0.connection == link.connection } == false)
    }

    private func compose(for peer: ClientPeer, by client: inout ClientPeer) throws -> OutgoingMessage {
        try client.compose(
            PayloadBuffer.make([1]), to: peer.identity.peerID, in: chat(), secure: true, at: PaperNetwork.now)
    }

    private func create(_ name: String, _ link: InMemoryLink) throws {
        _ = try link.perform(CreateGroup(name), at: PaperNetwork.now)
    }

    @discardableResult
    private func join(_ name: String, _ link: InMemoryLink) throws -> GroupRecord {
        try link.perform(JoinGroup(name), at: PaperNetwork.now)
    }

    @discardableResult
    private func list(_ link: InMemoryLink) throws -> [String] {
        try link.perform(ListGroups(), at: PaperNetwork.now).map(\.name)
    }

    private func publish(_ document: [UInt8], _ link: InMemoryLink) throws {
        try link.perform(Publish(document), at: PaperNetwork.now)
    }
}
