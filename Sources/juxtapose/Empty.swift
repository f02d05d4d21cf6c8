@main struct Juxtapose { static func main() {} }
