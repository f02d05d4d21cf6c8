public import Overlay

/// What a peer's links have carried and copied. All of it on the loop only.
extension PeerNode {
    /// Payload bytes copied on the way in and out so far. On the loop only.
    public var copies: CopyCounts {
        var counts = client.copies
        for link in allPeerLinks { counts.gathering += link.gatheredBytes }
        counts.sending += peerWire.copiedBytes
        return counts
    }

    /// Bytes and frames on the links to and from other peers. On the loop only.
    public var peerWire: WireCounts {
        var sum = WireCounts()
        for link in allPeerLinks {
            sum.sentBytes += link.wire.sentBytes
            sum.sentFrames += link.wire.sentFrames
            sum.receivedBytes += link.wire.receivedBytes
            sum.receivedFrames += link.wire.receivedFrames
            sum.copiedBytes += link.wire.copiedBytes
        }
        return sum
    }

    /// Those that were accepted and those that were opened, each once.
    var allPeerLinks: [Link] {
        var links = Array(accepted.values)
        for case .open(let link) in peerLinks.values where accepted[ObjectIdentifier(link)] == nil {
            links.append(link)
        }
        return links
    }

    /// Open connections to and from other peers. On the loop only.
    public var peerConnections: Int { allPeerLinks.count }

    /// Bytes and frames on the link to the broker. On the loop only.
    public var brokerWire: WireCounts { brokerLink?.wire ?? WireCounts() }
}
