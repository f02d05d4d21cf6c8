/// How long the other side of a connection may take.
enum Patience {
    /// For the welcome: JXSE's default, and also for opening the connection.
    static let welcomeSeconds: Int64 = 10

    /// For a frame that has begun, counted from its first byte: half a minute, and a second for every 4 KiB of its body,
    /// which a modem keeps up with.
    static func frameSeconds(_ bytes: Int) -> Int64 { 30 + Int64(bytes / 4096) }
}
