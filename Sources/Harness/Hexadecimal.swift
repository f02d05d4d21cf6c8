extension Sequence<UInt8> {
    /// Two lower-case digits a byte: how digests and build ids are written.
    package var hexadecimal: String {
        reduce(into: "") { text, byte in
            text += String(byte >> 4, radix: 16)
            text += String(byte & 15, radix: 16)
        }
    }
}
