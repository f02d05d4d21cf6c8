import Foundation
import NIOCore
import NIOPosix
import Overlay
import TestSupport
import Testing
import Transport

@Suite("What strangers send to real sockets", .serialized)
struct StrangerTests {
    private let network = RealNetwork()

    /// Sends bytes to an address and waits until the other side has closed the connection.
    private func isClosed(_ address: String, after bytes: [UInt8]) throws -> Bool {
        let port = try #require(Int(address.split(separator: ":").last ?? ""))
        let result = try run(
            "python3",
            [
                "-c",
                """
                import socket,sys
                s=socket.create_connection(('127.0.0.1',\(port)),timeout=30)
                s.sendall(sys.stdin.buffer.read())
                try:
                    while s.recv(4096): pass
                except ConnectionResetError: pass
                print('closed')
                """,
            ], input: bytes)
        return result.output == "closed\n"
    }

    /// A welcome that nothing is wrong with.
    private let welcome = Array(
        "JXTAHELLO tcp://a:1 tcp://b:1 urn:jxta:uuid-59616261646162614E50472050325033B000000000004000800080000000000103 0 1.1\r\n"
            .utf8)

    @Test("garbage, a broken welcome and an oversized frame close the connection; the broker goes on")
    func hostile() async throws {
        try await network.withBroker { address, trust, cryptography in
            let tooLong = Array(
                "\u{c}content-type\0\u{16}application/x-jxta-msg\u{e}content-length\u{0}\u{8}\0\0\0\0\0\0\u{40}\u{1}\0"
                    .utf8)
            for bytes in [
                Array("GET / HTTP/1.1\r\n\r\n".utf8), [UInt8](repeating: 120, count: 5000),
                Array("JXTAHELLO a b c 0 1.1\r\n".utf8), welcome + tooLong,
            ] {
                #expect(try isClosed(address, after: bytes), "\(bytes.prefix(20))")
            }
            let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let ada = try await network.join("ada", address, trust, cryptography, on: threads.next())
            await ada.stop()
            try await threads.shutdownGracefully()
        }
    }

    @Test("who connects and does not show who it is is sent away, by brokers and by peers; who has may stay")
    func strangers() async throws {
        let patience: Int64 = 3
        try await network.withBroker(strangerSeconds: patience) { address, trust, cryptography in
            let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            var peers: [PeerNode] = []
            for user in ["ada", "bob"] {
                // Where other tests hold every thread a login comes too late, and is tried again.
                for attempt in 1... {
                    do {
                        peers.append(
                            try await network.join(
                                user, address, trust, cryptography, on: threads.next(),
                                options: .init(strangerSeconds: patience)))
                        break
                    } catch  where attempt < 100 {}
                }
            }
            let (ada, bob) = (peers[0], peers[1])
            let group = try JXTAID.group(name: "chat")
            try await network.acquaint([ada, bob], in: group)
            var heard = await network.payloads(to: bob).makeAsyncIterator()
            try await network.send([[1]], from: ada, to: bob, in: group)
            #expect(await heard.next() == [1])
            for place in [address, await bob.listeningAddress()] {
                #expect(try isClosed(place, after: welcome), "that took longer than a stranger has")
            }
            try await network.send([[2]], from: ada, to: bob, in: group)
            #expect(await heard.next() == [2])
            // Both are still logged in, and their one connection is the first.
            _ = try await ada.perform(ListGroups())
            _ = try await bob.perform(ListGroups())
            for peer in [ada, bob] { #expect(await peer.onLoop { $0.peerConnections } == 1) }
            await ada.stop()
            await bob.stop()
            try await threads.shutdownGracefully()
        }
    }
}
