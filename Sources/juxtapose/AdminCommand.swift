internal import Accounts
internal import ArgumentParser
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
internal import Overlay

/// The administrator of section 4.1.
struct AdminCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "The administrator: keys, brokers' credentials, users and groups.",
        discussion: """
            EXAMPLES
              juxtapose admin init                       key, credential and database
              juxtapose admin add-user ada --groups chat asks for ada's password
              juxtapose admin add-broker --csr broker/broker.csr --install broker
            """,
        subcommands: [
            Init.self, AddBroker.self, RenewBroker.self, AddUser.self, SetGroups.self, DisableUser.self, Revoke.self,
            AddGroup.self,
        ])

    struct FolderOption: ParsableArguments {
        @Option(help: "The administrator's folder.")
        var folder = "admin"

        var administrator: AdministratorFolder { AdministratorFolder(juxtapose.folder(folder)) }
    }

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the administrator's key, credential and database.")
        @OptionGroup var place: FolderOption
        @OptionGroup var crypto: CryptographyOptions
        @Option(help: "The administrator's name.") var name = "Adm"

        func run() throws {
            let administrator = try place.administrator.create(
                named: name, suite: crypto.suite, engines: EngineTable(.openSSL), at: Clock.unix())
            print("administrator \(administrator.certificate.commonName) in \(place.folder)")
            print("give \(place.administrator.certificateFile.path) to every peer")
        }
    }

    /// What signing a broker's request takes, the first time and every time after.
    struct RequestOptions: ParsableArguments {
        @OptionGroup var place: FolderOption
        @OptionGroup var crypto: CryptographyOptions
        @Option(help: "The request that `juxtapose broker init` made.") var csr: String
        @Option(help: "Where to write the credential.") var output: String?
        @Option(help: "The broker's folder, where it is on this machine: credential and trust go there.")
        var install: String?

        func sign() throws {
            try signBroker(
                request: URL(fileURLWithPath: csr), place.administrator, crypto.suite, output: output, install: install)
        }
    }

    struct AddBroker: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Sign a broker's request.")
        @OptionGroup var request: RequestOptions

        func run() throws { try request.sign() }
    }

    struct RenewBroker: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a broker's next credential from the same request.")
        @OptionGroup var request: RequestOptions

        func run() throws { try request.sign() }
    }

    struct AddUser: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Register an end user; asks for the password.")
        @OptionGroup var place: FolderOption
        @Argument(help: "The user's name.") var user: String
        @Option(help: "Groups, separated by commas.") var groups = ""

        func run() throws {
            guard (1...64).contains(user.unicodeScalars.count) else {
                throw Failure(.usage, "user names have 1 to 64 characters")
            }
            let database = try place.administrator.database()
            let hash = try PasswordHash.make(askPassword("Password for \(user): ", twice: true))
            try database.addUser(user, password: hash, groups: names(groups))
            print("user \(user) added" + (groups.isEmpty ? "" : " to \(groups)"))
        }
    }

    struct SetGroups: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Replace a user's groups.")
        @OptionGroup var place: FolderOption
        @Argument(help: "The user's name.") var user: String
        @Option(help: "Groups, separated by commas; none to take all away.") var groups = ""

        func run() throws {
            try place.administrator.database().setGroups(of: user, to: names(groups))
            print("groups of \(user): \(groups.isEmpty ? "none" : groups)")
        }
    }

    struct DisableUser: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuse a user's logins from now on.")
        @OptionGroup var place: FolderOption
        @Argument(help: "The user's name.") var user: String

        func run() throws {
            try place.administrator.database().disableUser(user)
            print(
                "user \(user) disabled; credentials already issued hold until they expire, or: juxtapose admin revoke \(user)"
            )
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Put a holder's credentials on the revocation list.")
        @OptionGroup var place: FolderOption
        @Argument(help: "A user's or a broker's name.") var holder: String

        func run() throws {
            let administrator = try place.administrator.load(engines: EngineTable(.openSSL))
            let serials = try place.administrator.database().serials(of: holder, at: Clock.unix())
            guard !serials.isEmpty else { throw Failure(.inputMissing, "no valid credential of \(holder) is recorded") }
            var list = try place.administrator.revocations(signedBy: administrator.certificate)
            for serial in serials { list = try administrator.revoke(serial, after: list, at: Clock.unix()) }
            if let list { try place.administrator.write(list) }
            print(
                "\(serials.count) credentials of \(holder) revoked; give \(place.administrator.revocationFile.path) to brokers and peers, which read it when they start"
            )
        }
    }

    struct AddGroup: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Add a group that only the administrator fills.")
        @OptionGroup var place: FolderOption
        @Argument(help: "The group's name.") var name: String

        func run() throws {
            guard (1...64).contains(name.unicodeScalars.count) else {
                throw Failure(.usage, "group names have 1 to 64 characters")
            }
            try place.administrator.database().addGroup(name)
            print("group \(name) added")
        }
    }
}

private func names(_ list: String) -> [String] {
    list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
}

private func signBroker(
    request: URL, _ folder: AdministratorFolder, _ suite: Suite, output: String?, install: String?
) throws {
    let engines = EngineTable(.openSSL)
    let administrator = try folder.load(engines: engines)
    let parsed = try readRequest(request, engines: engines)
    let credential = try administrator.issueBroker(parsed, suite: suite, at: Clock.unix())
    try folder.database().record(IssuedCredential(credential))
    if let install {
        try BrokerFolder(juxtapose.folder(install)).install(credential, administrator: administrator.certificate)
        print("credential of broker \(parsed.commonName) installed in \(install)")
    }
    if let output {
        try Data(PEM.encode(credential.der, label: "CERTIFICATE").utf8).write(
            to: URL(fileURLWithPath: output), options: .atomic)
        print("credential of broker \(parsed.commonName) in \(output)")
    }
    if install == nil, output == nil { print(PEM.encode(credential.der, label: "CERTIFICATE"), terminator: "") }
}
