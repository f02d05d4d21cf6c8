public import CryptoCore
public import Foundation
public import Overlay

/// What the administrator keeps: its key, its credential, the revocation list and the central database.
public struct AdministratorFolder: Sendable {
    public let url: URL
    public init(_ url: URL) { self.url = url }

    public var keyFile: URL { url.appendingPathComponent("administrator.key") }
    public var certificateFile: URL { url.appendingPathComponent("administrator.pem") }
    public var revocationFile: URL { url.appendingPathComponent("revocations.crl") }
    public var databaseFile: URL { url.appendingPathComponent("accounts.sqlite") }

    /// Makes key, credential and an empty database. Nothing that exists is overwritten.
    public func create(named name: String, suite: Suite, engines: EngineTable, at time: UnixTime) throws
        -> Administrator
    {
        try makeFolder(url)
        let administrator = try Administrator.make(named: name, suite: suite, engines: engines, at: time)
        try SecretFile.write(administrator.key.pem(), to: keyFile)
        try writeText(PEM.encode(administrator.certificate.der, label: "CERTIFICATE"), to: certificateFile)
        _ = try SQLiteDirectory(path: databaseFile.path, creating: true)
        return administrator
    }

    public func load(engines: EngineTable) throws -> Administrator {
        let key = try readKey(keyFile, engines: engines)
        return try Administrator(
            key: key, certificate: readCertificate(certificateFile, engines: engines), engines: engines)
    }

    public func database() throws -> SQLiteDirectory { try SQLiteDirectory(path: databaseFile.path) }

    public func revocations(signedBy administrator: Certificate) throws -> RevocationList? {
        try readRevocations(revocationFile, signedBy: administrator)
    }

    public func write(_ list: RevocationList) throws {
        try writeText(PEM.encode(list.der, label: "X509 CRL"), to: revocationFile)
    }
}

/// What a broker keeps: its own key, its request, its credential and the administrator's.
public struct BrokerFolder: Sendable {
    public let url: URL
    public init(_ url: URL) { self.url = url }

    public var keyFile: URL { url.appendingPathComponent("broker.key") }
    public var requestFile: URL { url.appendingPathComponent("broker.csr") }
    public var certificateFile: URL { url.appendingPathComponent("broker.pem") }
    public var administratorFile: URL { url.appendingPathComponent("administrator.pem") }
    public var revocationFile: URL { url.appendingPathComponent("revocations.crl") }

    /// Makes the key and the request for a credential: the key never leaves this folder.
    public func create(named name: String, suite: Suite, engines: EngineTable) throws -> CertificateRequest {
        try makeFolder(url)
        let key = try RSAPrivateKey.generate(for: suite, engines: engines)
        let request = try CertificateRequest(commonName: name, key: key)
        try SecretFile.write(key.pem(), to: keyFile)
        try writeText(PEM.encode(request.der, label: "CERTIFICATE REQUEST"), to: requestFile)
        return request
    }

    /// Puts the credential and the administrator's in place.
    public func install(_ certificate: Certificate, administrator: Certificate) throws {
        try writeText(PEM.encode(certificate.der, label: "CERTIFICATE"), to: certificateFile)
        try writeText(PEM.encode(administrator.der, label: "CERTIFICATE"), to: administratorFile)
    }

    public func load(engines: EngineTable, at time: UnixTime) throws -> (identity: Identity, trust: TrustAnchor) {
        let key = try readKey(keyFile, engines: engines)
        let certificate = try readCertificate(certificateFile, engines: engines)
        let administrator = try readCertificate(administratorFile, engines: engines)
        let revocations = try readRevocations(revocationFile, signedBy: administrator)
        return (
            try Identity(key: key, credential: try Credential([certificate])),
            try TrustAnchor(administrator, revocations: revocations, at: time)
        )
    }
}

public func readRequest(_ url: URL, engines: EngineTable) throws -> CertificateRequest {
    let der = try PEM.decode(readText(url), label: "CERTIFICATE REQUEST")
    return try CertificateRequest(der: der.span.bytes, engines: engines)
}

public func readCertificate(_ url: URL, engines: EngineTable) throws -> Certificate {
    let der = try PEM.decode(readText(url), label: "CERTIFICATE")
    return try Certificate(der: der.span.bytes, engines: engines)
}

public func readKey(_ url: URL, engines: EngineTable) throws -> RSAPrivateKey {
    let pem = try SecretFile.read(url)
    return try RSAPrivateKey(pem: pem.span.bytes, engines: engines)
}

/// Nil where there is no list yet.
public func readRevocations(_ url: URL, signedBy administrator: Certificate) throws -> RevocationList? {
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let der = try PEM.decode(readText(url), label: "X509 CRL")
    return try RevocationList(der: der.span.bytes, signedBy: administrator)
}

private func readText(_ url: URL) throws(FileError) -> [UInt8] {
    guard FileManager.default.fileExists(atPath: url.path) else { throw .missing(url.path) }
    do {
        let data = try Data(contentsOf: url)
        guard data.count <= 2 << 20 else { throw FileError.invalid(url.path, reason: "longer than 2 MiB") }
        return Array(data)
    } catch {
        throw (error as? FileError) ?? .io(url.path, reason: error.localizedDescription)
    }
}

private func writeText(_ text: String, to url: URL) throws(FileError) {
    do { try Data(text.utf8).write(to: url, options: .atomic) } catch {
        throw .io(url.path, reason: error.localizedDescription)
    }
}

private func makeFolder(_ url: URL) throws(FileError) {
    do {
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
        throw .io(url.path, reason: error.localizedDescription)
    }
}
