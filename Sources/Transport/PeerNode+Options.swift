extension PeerNode {
    public struct Options: Sendable {
        /// Where to listen for other peers; port 0 lets the system choose.
        public var host: String
        public var port: Int
        /// What advertisements name instead of the listening address, for a forwarded or delayed port.
        public var advertisedAddress: String?
        public var requestSeconds: Int64
        /// How often the own advertisements are published again.
        public var renewalSeconds: Int64
        /// How long a peer that connects may take until a message of it is accepted.
        public var strangerSeconds: Int64
        public var frameLimits: FrameLimits

        public init(
            host: String = "127.0.0.1", port: Int = 0, advertisedAddress: String? = nil, requestSeconds: Int64 = 30,
            renewalSeconds: Int64 = 300, strangerSeconds: Int64 = 60, frameLimits: FrameLimits = FrameLimits()
        ) {
            self.host = host
            self.port = port
            self.advertisedAddress = advertisedAddress
            self.requestSeconds = requestSeconds
            self.renewalSeconds = renewalSeconds
            self.strangerSeconds = strangerSeconds
            self.frameLimits = frameLimits
        }
    }
}
