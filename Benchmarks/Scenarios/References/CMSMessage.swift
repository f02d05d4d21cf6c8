internal import CLibCrypto
internal import Harness
internal import Metrology

/// What a user would reach for first: CMS_sign, then CMS_encrypt, and back (RFC 5652), with a self-signed certificate.
final class CMSMessage {
    private let key: OpaquePointer
    private let certificate: OpaquePointer
    private let recipients: OpaquePointer
    private let payload: [UInt8]

    init(privateKey der: [UInt8], _ payload: [UInt8]) {
        self.payload = payload
        key = der.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return require(d2i_AutoPrivateKey(nil, &cursor, bytes.count))
        }
        certificate = require(X509_new())
        require(X509_set_version(certificate, 2))
        require(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1))
        X509_gmtime_adj(X509_getm_notBefore(certificate), 0)
        X509_gmtime_adj(X509_getm_notAfter(certificate), 86400)
        let name = X509_get_subject_name(certificate)
        require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, "reference", -1, -1, 0))
        require(X509_set_issuer_name(certificate, name))
        require(X509_set_pubkey(certificate, key))
        precondition(X509_sign(certificate, key, EVP_sha256()) > 0)
        recipients = require(crypto_certificate_stack(certificate))
    }

    deinit {
        crypto_free_certificate_stack(recipients)
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    func once() throws -> UInt64 {
        let (nanoseconds, opened) = timed { open(seal()) }
        guard opened == payload else { throw Failure(.wrongResult, "cms: the payload changed") }
        return nanoseconds
    }

    private func seal() -> OpaquePointer {
        let flags = UInt32(CMS_BINARY)
        let content = require(BIO_new_mem_buf(payload, Int32(payload.count)))
        defer { BIO_free(content) }
        let signed = require(CMS_sign(certificate, key, nil, content, flags))
        defer { CMS_ContentInfo_free(signed) }
        let bytes = require(BIO_new(BIO_s_mem()))
        defer { BIO_free(bytes) }
        require(i2d_CMS_bio(bytes, signed))
        return require(CMS_encrypt(recipients, bytes, EVP_aes_256_cbc(), flags))
    }

    private func open(_ enveloped: OpaquePointer) -> [UInt8] {
        defer { CMS_ContentInfo_free(enveloped) }
        let flags = UInt32(CMS_BINARY)
        let inner = require(BIO_new(BIO_s_mem()))
        defer { BIO_free(inner) }
        require(CMS_decrypt(enveloped, key, certificate, nil, inner, flags))
        let signed = require(d2i_CMS_bio(inner, nil))
        defer { CMS_ContentInfo_free(signed) }
        let content = require(BIO_new(BIO_s_mem()))
        defer { BIO_free(content) }
        require(CMS_verify(signed, recipients, nil, nil, content, flags | UInt32(CMS_NO_SIGNER_CERT_VERIFY)))
        var start: UnsafeMutablePointer<CChar>?
        let count = crypto_bio_bytes(content, &start)
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
