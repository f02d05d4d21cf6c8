internal import Accounts
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Overlay
internal import Transport
internal import XMLSecurity

/// Turns an error into a sentence that says what was refused and what to do, and an exit code.
enum Explanation {
    static func failure(for error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case let error as FileError: explain(error)
        case let error as AccountError: explain(error)
        case let error as TransportError: explain(error)
        case let error as OverlayError: explain(error)
        case let error as CryptoError: Failure(.badData, "cryptography refused: \(error)")
        default: Failure(.internalError, "\(error)")
        }
    }

    private static func explain(_ error: FileError) -> Failure {
        switch error {
        case .missing(let path):
            Failure(
                .inputMissing,
                "\(path) is missing. Check the path, or make it with `juxtapose admin init` or `juxtapose broker init`."
            )
        case .tooOpen(let path, let mode):
            Failure(.permission, "\(path) has mode \(mode): others could read a private key. Run: chmod 600 \(path)")
        case .exists(let path):
            Failure(.badData, "\(path) exists and is not overwritten. Choose another folder, or move it away.")
        case .invalid(let path, let reason): Failure(.badData, "\(path) cannot be used: \(reason).")
        case .io(let path, let reason): Failure(.ioError, "\(path): \(reason). Nothing that existed was changed.")
        }
    }

    private static func explain(_ error: AccountError) -> Failure {
        switch error {
        case .locked: Failure(.temporary, "the database is locked by another process. Try again when it has finished.")
        case .missing(let path):
            Failure(.inputMissing, "there is no database at \(path). Make one with `juxtapose admin init`.")
        case .newerSchema(let found, let known):
            Failure(
                .badData,
                "the database has \(found) migrations, this program knows \(known). Use the newer juxtapose that made it."
            )
        case .conflict(let what): Failure(.badData, "\(what).")
        case .notFound(let what): Failure(.inputMissing, "there is no \(what).")
        case .storage(let reason): Failure(.ioError, "the database could not be used: \(reason).")
        }
    }

    private static func explain(_ error: TransportError) -> Failure {
        switch error {
        case .addressInUse(let place):
            Failure(.temporary, "\(place) is in use. Stop what listens there, or choose another --port.")
        case .addressInvalid(let reason): Failure(.usage, reason)
        case .cannotConnect(let reason): Failure(.temporary, "cannot connect: \(reason). Is the broker running?")
        case .overlay(let error): explain(error)
        default: Failure(.badData, "the other side does not speak the protocol: \(error)")
        }
    }

    private static func explain(_ error: OverlayError) -> Failure {
        switch error {
        case .account(let error): explain(error)
        case .brokerNotLegitimate(let reason):
            Failure(
                .permission,
                "this is no legitimate broker: its credential was refused (\(reason)). Check --trust and the broker's credential."
            )
        case .brokerIsImpersonator:
            Failure(
                .permission,
                "this broker does not hold the key of the credential it shows: an impersonator. Do not log in to it.")
        case .refusedByPeer:
            Failure(.permission, "the broker refused. Check user name, password and group; its log says why.")
        case .credentialEnded(let defect):
            Failure(.permission, "your credential is no longer accepted (\(defect)). Quit and log in again.")
        case .plainRefused:
            Failure(.permission, "plain primitives are off. They need --insecure-plain on broker and peer.")
        case .insecureSuite(let name): Failure(.permission, "suite \(name) is insecure and allowed in benchmarks only.")
        case .disconnected(let reason): Failure(.temporary, "disconnected: \(reason).")
        case .tooLarge(let what, let limit, let actual):
            Failure(.usage, "\(what) of \(actual) is over the limit of \(limit).")
        default: Failure(.badData, "refused: \(error)")
        }
    }
}
