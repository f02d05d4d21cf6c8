/// Host and port of `tcp://host:port`.
func hostAndPort(_ address: String) -> (host: String, port: Int)? {
    let prefix = "tcp://"
    guard address.hasPrefix(prefix), let colon = address.lastIndex(of: ":"),
        let port = Int(address[address.index(after: colon)...]), (1...65535).contains(port)
    else { return nil }
    let host = address[address.index(address.startIndex, offsetBy: prefix.count)..<colon]
    return host.isEmpty ? nil : (String(host), port)
}
