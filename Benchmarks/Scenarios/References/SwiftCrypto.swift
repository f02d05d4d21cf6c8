#if SwiftCrypto
    internal import Crypto
    internal import CryptoCore
    internal import CryptoExtras
    internal import Foundation
    internal import Harness
    internal import Metrology

    /// What a Swift programmer would reach for: swift-crypto, which is BoringSSL inside.
    ///
    /// Behind the package trait `SwiftCrypto`, since its C code takes minutes to build.
    struct SwiftCryptoLibrary: ReferenceLibrary {
        static let name = "swiftcrypto"

        /// BoringSSL knows keys of two primes, and this interface of it none below 2048 bits.
        static func serves(_ suite: Suite) -> Bool { [.rsa2048, .rsa3072, .rsa4096].contains(suite) }

        private let signing: _RSA.Signing.PrivateKey
        private let verifying: _RSA.Signing.PublicKey
        private let unwrapping: _RSA.Encryption.PrivateKey
        private let wrapping: _RSA.Encryption.PublicKey

        init(privateKey der: [UInt8]) throws {
            signing = try _RSA.Signing.PrivateKey(derRepresentation: der)
            verifying = signing.publicKey
            unwrapping = try _RSA.Encryption.PrivateKey(derRepresentation: der)
            wrapping = unwrapping.publicKey
        }

        func sign(_ message: UnsafeRawBufferPointer) throws -> [UInt8] {
            var hash = Crypto.SHA256()
            hash.update(bufferPointer: message)
            return Array(try signing.signature(for: hash.finalize(), padding: .insecurePKCS1v1_5).rawRepresentation)
        }

        func verify(_ signature: UnsafeRawBufferPointer, of message: UnsafeRawBufferPointer) throws -> Bool {
            var hash = Crypto.SHA256()
            hash.update(bufferPointer: message)
            return verifying.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: Data(signature)), for: hash.finalize(),
                padding: .insecurePKCS1v1_5)
        }

        func wrap(_ contentKey: [UInt8]) throws -> [UInt8] {
            Array(try wrapping.encrypt(contentKey, padding: .PKCS1_OAEP_SHA256))
        }

        func unwrap(_ wrapped: [UInt8]) throws -> [UInt8] {
            Array(try unwrapping.decrypt(wrapped, padding: .PKCS1_OAEP_SHA256))
        }
    }

    /// A message with the promises of ours: signed, wrapped and encrypted, then back.
    struct SwiftCryptoMessage {
        private let library: SwiftCryptoLibrary
        private let payload: [UInt8]
        private let keyBytes: Int

        /// - Parameter keyBytes: 16 or 32, of the content key.
        init(_ library: SwiftCryptoLibrary, keyBytes: Int, _ payload: [UInt8]) {
            self.library = library
            self.keyBytes = keyBytes
            self.payload = payload
        }

        func once() throws -> UInt64 {
            let (nanoseconds, opened) = try timed {
                let sealed = try seal()
                return try open(sealed.wrapped, sealed.box)
            }
            guard let opened, opened == payload else {
                throw Failure(.wrongResult, "\(SwiftCryptoLibrary.name): the payload changed")
            }
            return nanoseconds
        }

        private func seal() throws -> (wrapped: [UInt8], box: AES.GCM.SealedBox) {
            let signature = try payload.withUnsafeBytes { try library.sign($0) }
            let key = SymmetricKey(size: SymmetricKeySize(bitCount: 8 * keyBytes))
            let wrapped = try library.wrap(key.withUnsafeBytes { Array($0) })
            return (wrapped, try AES.GCM.seal(payload + signature, using: key))
        }

        /// Nil where the signature is not right.
        private func open(_ wrapped: [UInt8], _ box: AES.GCM.SealedBox) throws -> [UInt8]? {
            let key = SymmetricKey(data: try library.unwrap(wrapped))
            let text = Array(try AES.GCM.open(box, using: key))
            let isGenuine = try text.withUnsafeBytes { bytes in
                try library.verify(
                    UnsafeRawBufferPointer(rebasing: bytes[payload.count...]),
                    of: UnsafeRawBufferPointer(rebasing: bytes[..<payload.count]))
            }
            return isGenuine ? Array(text[..<payload.count]) : nil
        }
    }
#endif
