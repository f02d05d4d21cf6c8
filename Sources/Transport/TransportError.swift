public import Overlay

/// Why a connection was closed or never opened.
public enum TransportError: Error, Equatable, Sendable {
    case welcomeInvalid(String)
    case frameInvalid(String)
    case frameTooLong(limit: Int, actual: Int)
    case deadline(String)
    case addressInUse(String)
    case addressInvalid(String)
    case cannotConnect(String)
    case overlay(OverlayError)
}
