public import Logging
internal import NIOCore
internal import NIOPosix
public import Overlay
internal import Synchronization

/// Serves a ``Broker`` on a TCP port.
///
/// Connections are read on event loops; requests that run RSA or the password hash wait for a worker in a bounded
/// queue, one at a time per connection.
public final class BrokerServer: Sendable {
    public struct Options: Sendable {
        public var host: String
        public var port: Int
        public var loops: Int
        public var workers: Int
        /// Requests waiting for a worker; beyond it a request is refused at once.
        public var queueLimit: Int
        public var connectionLimit: Int
        /// How long a client that connects may take until it has logged in, waiting for the broker not counted. As long
        /// as a session identifier lives.
        public var strangerSeconds: Int64
        public var frameLimits: FrameLimits

        public init(
            host: String = "127.0.0.1", port: Int = 0, loops: Int = 1, workers: Int = 2, queueLimit: Int = 256,
            connectionLimit: Int = 10_000, strangerSeconds: Int64 = 60, frameLimits: FrameLimits = FrameLimits()
        ) {
            self.host = host
            self.port = port
            self.loops = loops
            self.workers = workers
            self.queueLimit = queueLimit
            self.connectionLimit = connectionLimit
            self.strangerSeconds = strangerSeconds
            self.frameLimits = frameLimits
        }
    }

    private let broker: Broker
    private let options: Options
    private let log: Logger
    private let group: MultiThreadedEventLoopGroup
    private let workers: NIOThreadPool
    private let waiting = Atomic<Int>(0)
    private let connections = Mutex(ConnectionTable())
    private let clock: @Sendable () -> UnixTime
    private let onLogin: @Sendable (LoginRecord) -> Void

    /// - Parameters:
    ///   - clock: seconds since 1970.
    ///   - onLogin: told the record of every successful login, on a worker's thread.
    public init(
        _ broker: Broker, options: Options, log: Logger, clock: @escaping @Sendable () -> UnixTime,
        onLogin: @escaping @Sendable (LoginRecord) -> Void = { _ in }
    ) {
        self.broker = broker
        self.options = options
        self.log = log
        self.clock = clock
        self.onLogin = onLogin
        group = MultiThreadedEventLoopGroup(numberOfThreads: options.loops)
        workers = NIOThreadPool(numberOfThreads: options.workers)
    }

    /// Binds and serves until ``stop()``.
    /// - Returns: the address that it listens on, with the port the system chose where it was 0.
    public func start() async throws(TransportError) -> String {
        workers.start()
        let bootstrap = ServerBootstrap(group: group).overlayOptions()
            .childChannelInitializer { channel in
                self.accept(channel)
            }
        let place = "\(options.host):\(options.port)"
        do {
            let channel = try await bootstrap.bind(host: options.host, port: options.port).get()
            connections.withLock { $0.listener = channel }
            return "tcp://\(options.host):\(channel.localAddress?.port ?? options.port)"
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .addressInUse(place)
        } catch {
            throw .addressInvalid("\(place): \(error)")
        }
    }

    /// Closes the listener and every connection.
    public func stop() async {
        let (listener, links) = connections.withLock { ($0.listener, Array($0.links.values)) }
        try? await listener?.close()
        for link in links { link.close() }
        try? await workers.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    public var connectionCount: Int { connections.withLock { $0.links.count } }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard connectionCount < options.connectionLimit else { return channel.close() }
        let address = channel.localAddress.map { "tcp://\($0.ipAddress ?? options.host):\($0.port ?? 0)" } ?? ""
        let session = ServedConnection(server: self, strangerSeconds: options.strangerSeconds)
        let link = Link(
            own: broker.identity.peerID, publicAddress: address, expectingAlike: false, limits: options.frameLimits,
            owner: Link.Owner(
                opened: { session.opened($0, $1) },
                received: { link, message, _ in session.received(message, on: link) },
                closed: { session.closed($1) }))
        return link.attach(to: channel)
    }

    // MARK: Called by connections

    func register(_ link: Link, _ welcome: Welcome) -> ConnectionID {
        let connection = connections.withLock { table in
            table.last += 1
            table.links[table.last] = link
            return table.last
        }
        broker.opened(connection, claiming: welcome.peer)
        return connection
    }

    func unregister(_ connection: ConnectionID, _ reason: TransportError?) {
        if let reason {
            log.info("connection closed", metadata: ["connection": "\(connection)", "reason": "\(reason)"])
        }
        connections.withLock { $0.links[connection] = nil }
        push(broker.closed(connection).pushes)
    }

    /// Runs a request and calls back on the loop that it came from.
    func answer(
        _ request: Message, from connection: ConnectionID, on loop: any EventLoop,
        _ done: @escaping @Sendable (BrokerAnswer) -> Void
    ) {
        guard Broker.isCostly(request) else {
            return done(finish(broker.answer(request, on: connection, at: clock()), connection))
        }
        guard waiting.wrappingAdd(1, ordering: .relaxed).newValue <= options.queueLimit else {
            waiting.wrappingSubtract(1, ordering: .relaxed)
            log.warning("request refused: queue full", metadata: ["connection": "\(connection)"])
            return done(BrokerAnswer.busy(request))
        }
        workers.submit { _ in
            let answer = self.finish(self.broker.answer(request, on: connection, at: self.clock()), connection)
            self.waiting.wrappingSubtract(1, ordering: .relaxed)
            loop.execute { done(answer) }
        }
    }

    func push(_ pushes: [(connection: ConnectionID, message: Message)]) {
        for (connection, message) in pushes {
            guard let link = connections.withLock({ $0.links[connection] }), let peer = link.welcome?.peer else {
                continue
            }
            link.deliver(message, to: peer.pipe(in: .netGroup), in: .netGroup)
        }
    }

    private func finish(_ answer: BrokerAnswer, _ connection: ConnectionID) -> BrokerAnswer {
        if let refusal = answer.refusal {
            log.notice("request refused", metadata: ["connection": "\(connection)", "reason": "\(refusal)"])
        }
        if let login = answer.login {
            log.info("login", metadata: ["user": "\(login.user)", "profile": "\(login.profile)"])
            onLogin(login)
        }
        return answer
    }
}

/// The open connections of a server.
private struct ConnectionTable {
    var listener: (any Channel)?
    var links: [ConnectionID: Link] = [:]
    var last: ConnectionID = 0
}

/// One connection's side of a server: its requests, one at a time.
private final class ServedConnection: @unchecked Sendable {
    // Sendable: touched on its link's event loop only; answers come back to it.
    /// Requests that may wait behind one that is being answered.
    private static let backlog = 16

    private let server: BrokerServer
    private let strangerSeconds: Int64
    private var connection: ConnectionID = 0
    private var isBusy = false
    private var queue: [Message] = []

    init(server: BrokerServer, strangerSeconds: Int64) {
        self.server = server
        self.strangerSeconds = strangerSeconds
    }

    func opened(_ link: Link, _ welcome: Welcome) {
        connection = server.register(link, welcome)
        link.doubt(seconds: strangerSeconds) { self.isBusy }
    }

    func closed(_ reason: TransportError?) {
        queue = []
        if connection > 0 { server.unregister(connection, reason) }
    }

    func received(_ request: Message, on link: Link) {
        if isBusy {
            guard queue.count < Self.backlog else { return link.close() }
            queue.append(request)
            return
        }
        guard let loop = link.eventLoop else { return }
        isBusy = true
        server.answer(request, from: connection, on: loop) { answer in
            self.isBusy = false
            if answer.login != nil {
                link.raiseLimit()
                link.settle()
            }
            if let reply = answer.reply, let peer = link.welcome?.peer {
                link.send(reply, to: peer.pipe(in: .netGroup), in: .netGroup)
            }
            self.server.push(answer.pushes)
            if !self.queue.isEmpty { self.received(self.queue.removeFirst(), on: link) }
        }
    }
}
