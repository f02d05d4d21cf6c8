internal import Dispatch
internal import Foundation
internal import Harness
internal import Overlay

/// A password from the terminal without echo, or one line of standard input. Never an argument, which others see.
func askPassword(_ prompt: String, twice: Bool = false) throws -> Password {
    guard isatty(STDIN_FILENO) == 1 else {
        guard let line = readLine(), !line.isEmpty else {
            throw Failure(.inputMissing, "no password on standard input")
        }
        return try Password(line)
    }
    let first = try readWithoutEcho(prompt)
    if twice, try readWithoutEcho("Once more: ") != first { throw Failure(.usage, "the two passwords differ") }
    return try Password(first)
}

private func readWithoutEcho(_ prompt: String) throws -> String {
    FileHandle.standardError.write(Data(prompt.utf8))
    var settings = termios()
    tcgetattr(STDIN_FILENO, &settings)
    let before = settings
    // An interrupted prompt must not leave a terminal behind that shows nothing of what is typed.
    let interrupt = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    interrupt.setEventHandler {
        show(with: before)
        _exit(ExitCode.interrupted.rawValue)
    }
    signal(SIGINT, SIG_IGN)
    interrupt.resume()
    settings.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    defer {
        show(with: before)
        interrupt.cancel()
        signal(SIGINT, SIG_DFL)
    }
    guard let line = readLine(), !line.isEmpty else { throw Failure(.inputMissing, "no password given") }
    return line
}

/// Gives the terminal its settings back, on a new line.
private func show(with settings: termios) {
    var settings = settings
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    FileHandle.standardError.write(Data("\n".utf8))
}
