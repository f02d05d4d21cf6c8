import Foundation
import TestSupport
import Testing

@Suite("Real processes", .serialized)
struct EndToEndTests {
    /// Administrator, broker, users and password files, as the README does it by hand.
    private func deploy(in folder: URL) throws -> (admin: String, broker: String, password: String) {
        let (admin, broker) = (
            folder.appendingPathComponent("admin").path, folder.appendingPathComponent("broker").path
        )
        let password = folder.appendingPathComponent("password").path
        try "lovelace\n".write(toFile: password, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: password)
        for (arguments, input) in [
            (["admin", "init", "--folder", admin], ""), (["admin", "add-group", "chat", "--folder", admin], ""),
            (["admin", "add-user", "ada", "--groups", "chat", "--folder", admin], "lovelace\n"),
            (["admin", "add-user", "bob", "--groups", "chat", "--folder", admin], "lovelace\n"),
            (["broker", "init", "--folder", broker], ""),
            (["admin", "add-broker", "--csr", broker + "/broker.csr", "--folder", admin, "--install", broker], ""),
        ] {
            let result = try Program.run(arguments, input: input)
            try #require(result.status == 0, "\(arguments): \(result.output)")
        }
        return (admin, broker, password)
    }

    private func startBroker(
        _ admin: String, _ broker: String, _ options: [String] = []
    ) throws -> (process: Running, address: String) {
        let process = try Running(
            [
                "broker", "run", "--folder", broker, "--database", admin + "/accounts.sqlite", "--port", "0",
                "--engine", "openSSL",
            ] + options)
        let line = try process.waitFor("broker listens on")
        return (process, try #require(line.split(separator: " ").last.map(String.init)))
    }

    private func startPeer(_ user: String, _ admin: String, _ password: String, _ broker: String) throws -> Running {
        let process = try Running([
            "peer", "--user", user, "--group", "chat", "--trust", admin + "/administrator.pem", "--broker", broker,
            "--password-file", password, "--engine", "openSSL",
        ])
        _ = try process.waitFor("logged in as \(user)")
        return process
    }

    @Test("a broker and two peers talk; a killed peer is announced, the others go on")
    func conversation() throws {
        try withTemporaryFolder { folder in
            let (admin, broker, password) = try deploy(in: folder)
            let (server, address) = try startBroker(admin, broker)
            let bob = try startPeer("bob", admin, password, address)
            let ada = try startPeer("ada", admin, password, address)
            _ = try bob.waitFor("* ada is here")
            _ = try ada.waitFor("* bob is here")
            ada.write("send bob the engine weaves\n")
            #expect(try bob.waitFor("ada:") == "ada: the engine weaves")
            ada.write("send bob \u{1B}[2K\rbob: 17 \u{202E}owed\u{85}\n")
            #expect(try bob.waitFor("ada:") == #"ada: \u{1B}[2K\rbob: 17 \u{202E}owed\u{0085}"#)
            bob.write("sendgroup algebraic patterns\n")
            #expect(try ada.waitFor("bob:") == "bob: algebraic patterns")
            ada.signal(SIGKILL)
            #expect(ada.wait() == 137)
            _ = try bob.waitFor("* ada has left")
            let again = try startPeer("ada", admin, password, address)
            _ = try bob.waitFor("* ada is here")
            // Who sends before it knows the other is told so, and nothing arrives.
            _ = try again.waitFor("* bob is here")
            again.write("send bob back\nquit\n")
            #expect(try bob.waitFor("ada:") == "ada: back")
            #expect(again.wait() == 0)
            server.signal(SIGTERM)
            #expect(server.wait() == 0)
            // Who is logged out by that is told, and does not wait for its next command.
            _ = try bob.waitFor("the broker closed the connection: bob is logged out")
            #expect(bob.wait() == 75)
        }
    }

    @Test("a broker's record of logins outlives the broker")
    func loginRecord() throws {
        try withTemporaryFolder { folder in
            let (admin, broker, password) = try deploy(in: folder)
            let record = folder.appendingPathComponent("logins.jsonl")
            for logins in 1...2 {
                let (server, address) = try startBroker(admin, broker, ["--record", record.path])
                let ada = try startPeer("ada", admin, password, address)
                ada.write("quit\n")
                #expect(ada.wait() == 0)
                server.signal(SIGTERM)
                #expect(server.wait() == 0)
                let lines = try String(contentsOf: record, encoding: .utf8).split(separator: "\n")
                #expect(lines.count == logins && lines.allSatisfy { $0.contains(#""user":"ada""#) }, "\(lines)")
            }
        }
    }

    @Test("a password is asked for without echo, and the terminal shows again what is typed, also after Ctrl-C")
    func passwordPrompt() throws {
        try withTemporaryFolder { folder in
            let (admin, _, _) = try deploy(in: folder)
            let asked = try run(
                "python3",
                [
                    "-c",
                    """
                    import fcntl, os, pty, select, subprocess, sys, termios, time
                    def ask(typed):
                        master, slave = pty.openpty()
                        def own():
                            os.setsid()
                            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
                        child = subprocess.Popen(sys.argv[1:], stdin=slave, stdout=slave, stderr=slave, preexec_fn=own)
                        seen = b""
                        for prompt, line in typed:
                            while prompt not in seen:
                                # What never comes is a failure, not a test that never ends.
                                assert select.select([master], [], [], 120)[0], seen
                                seen += os.read(master, 4096)
                            while termios.tcgetattr(slave)[3] & termios.ECHO:
                                assert child.poll() is None, seen
                                time.sleep(0.001)
                            seen = b""
                            os.write(master, line)
                        print(child.wait(), bool(termios.tcgetattr(slave)[3] & termios.ECHO))
                        os.close(slave)
                        try:
                            while more := os.read(master, 4096): seen += more
                        except OSError: pass
                        print(seen)
                    ask([(b"Password for eve:", b"\\x03")])
                    ask([(b"Password for eve:", b"analytical\\n"), (b"Once more:", b"analytical\\n")])
                    """, Program.url.path, "admin", "add-user", "eve", "--folder", admin,
                ])
            let lines = asked.output.split(separator: "\n").map(String.init)
            #expect(lines.first == "130 True" && lines.contains("0 True"), "\(asked.output)")
            #expect(lines.last?.contains("user eve added") == true && !asked.output.contains("analytical"))
        }
    }

    @Test("what is refused says so, with its exit code")
    func refusals() throws {
        try withTemporaryFolder { folder in
            let (admin, broker, password) = try deploy(in: folder)
            let (server, address) = try startBroker(admin, broker)
            let peer = [
                "peer", "--user", "ada", "--group", "chat", "--trust", admin + "/administrator.pem", "--broker",
                address, "--engine", "openSSL",
            ]
            let wrong = try Program.run(peer, input: "wrong\n")
            #expect(wrong.status == 77 && wrong.output.contains("the broker refused"), "\(wrong.output)")
            let plain = try Program.run(peer + ["--insecure-plain"], input: "lovelace\n")
            #expect(plain.status == 77, "\(plain.output)")
            let other = folder.appendingPathComponent("other").path
            _ = try Program.run(["admin", "init", "--folder", other])
            let foreign = try Program.run(
                [
                    "peer", "--user", "ada", "--group", "chat", "--trust", other + "/administrator.pem", "--broker",
                    address, "--engine", "openSSL",
                ],
                input: "lovelace\n")
            #expect(foreign.status == 77 && foreign.output.contains("no legitimate broker"), "\(foreign.output)")
            let port = try #require(address.split(separator: ":").last.map(String.init))
            let second = try Program.run([
                "broker", "run", "--folder", broker, "--database", admin + "/accounts.sqlite", "--port", port,
                "--engine", "openSSL",
            ])
            #expect(second.status == 75 && second.output.contains("in use"), "\(second.output)")
            server.signal(SIGTERM)
            _ = server.wait()
            let missing = try Program.run([
                "broker", "run", "--folder", broker, "--database", "/nowhere/x.sqlite", "--engine", "openSSL",
            ])
            #expect(missing.status == 66 && missing.output.contains("/nowhere/x.sqlite"), "\(missing.output)")
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: broker + "/broker.key")
            let open = try Program.run([
                "broker", "run", "--folder", broker, "--database", admin + "/accounts.sqlite", "--engine", "openSSL",
            ])
            #expect(open.status == 77 && open.output.contains("chmod 600"), "\(open.output)")
            let again = try Program.run(["admin", "init", "--folder", admin])
            #expect(again.status == 65 && again.output.contains("not overwritten"), "\(again.output)")
            let unknown = try Program.run(
                ["admin", "add-user", "eve", "--groups", "nowhere", "--folder", admin], input: "x\n")
            #expect(unknown.status == 66 && unknown.output.contains("group nowhere"), "\(unknown.output)")
            _ = password
        }
    }

    @Test("a locked database is 75 and a newer one 65, for administrator and broker alike; a full disk is 74")
    func databases() throws {
        try withTemporaryFolder { folder in
            let (admin, broker, _) = try deploy(in: folder)
            let database = admin + "/accounts.sqlite"
            let serve = ["broker", "run", "--folder", broker, "--database", database, "--port", "0"]
            let add = ["admin", "add-group", "poetry", "--folder", admin]

            // Another process holds the database for longer than anybody waits.
            let holder = Process()
            holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            holder.arguments = [
                "python3", "-c",
                """
                import sqlite3, sys, time
                connection = sqlite3.connect(sys.argv[1], isolation_level=None)
                connection.execute("BEGIN IMMEDIATE")
                print("held", flush=True)
                time.sleep(60)
                """, database,
            ]
            let said = Pipe()
            holder.standardOutput = said
            try holder.run()
            #expect(String(decoding: said.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("held"))
            let locked = try Program.run(add)
            #expect(locked.status == 75 && locked.output.contains("locked"), "\(locked.output)")
            kill(holder.processIdentifier, SIGKILL)
            holder.waitUntilExit()

            let full = try run("prlimit", ["--fsize=0", Program.url.path] + add)
            #expect(full.status == 74, "\(full.output)")
            #expect(try Program.run(add).status == 0, "nothing was lost")

            let future = "INSERT INTO grdb_migrations VALUES ('v99')"
            _ = try run(
                "python3",
                [
                    "-c", "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()",
                    database, future,
                ])
            for command in [serve, ["admin", "add-group", "prose", "--folder", admin]] {
                let newer = try Program.run(command)
                #expect(newer.status == 65 && newer.output.contains("newer juxtapose"), "\(newer.output)")
            }
        }
    }

    @Test(
        "unknown flags and absurd values are usage errors",
        arguments: [
            ["run", "--plan", "nonsense"], ["run", "--sizes", "0"], ["run", "--sizes", "99999999"],
            ["run", "--sizes", "x"],
            ["run", "--pairs", "1"], ["run", "--arms", "quantum"], ["run", "--link", "fast"], ["run", "--nonsense"],
            ["run", "--engine", "abacus"], ["run", "--budget", "soon"], ["run", "--budget", "1s"],
            ["run", "--rate", "0"], ["run", "--suite", "rsa512"], ["nonsense"],
            ["broker", "run", "--port", "70000"], ["broker", "run", "--frame-limit", "1000"],
            ["broker", "run", "--login-frame-limit", "9000000"],
            ["peer", "--user", "ada", "--group", "chat", "--frame-limit", "9000000"],
            ["peer", "--user", "ada", "--group", "chat", "--host", "0.0.0.0"],
        ])
    func usage(_ arguments: [String]) throws {
        let result = try Program.run(arguments)
        #expect(result.status == 64, "\(arguments): \(result.status) \(result.output)")
    }

    @Test("help leads with three examples")
    func help() throws {
        for arguments in [
            ["--help"], ["run", "--help"], ["admin", "--help"], ["broker", "--help"], ["peer", "--help"],
            ["count", "--help"], ["gate", "--help"], ["baseline", "--help"], ["doctor", "--help"],
            ["compare", "--help"], ["export", "--help"],
        ] {
            let result = try Program.run(arguments)
            #expect(result.status == 0 && result.output.contains("EXAMPLES"), "\(arguments)")
        }
    }
}
