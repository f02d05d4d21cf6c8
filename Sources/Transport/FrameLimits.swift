internal import Overlay

/// The longest frames that are taken, by their `content-length` in bytes (PROTOCOL, refused in every profile, 12).
public struct FrameLimits: Equatable, Sendable {
    /// From a client that has not logged in.
    public var beforeLogin: Int
    /// From everybody else. A peer sends no payload whose frame might be longer, either.
    public var afterLogin: Int

    public init(beforeLogin: Int = 16 << 10, afterLogin: Int = (1 << 20) + (64 << 10)) {
        self.beforeLogin = beforeLogin
        self.afterLogin = afterLogin
    }

    /// The largest payload that fits a frame, whatever the suite puts around it.
    public var payload: Int { afterLogin - PayloadBuffer.headRoom - PayloadBuffer.tailRoom }
}
