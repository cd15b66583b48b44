/// Colours of a terminal (ECMA-48, SGR).
enum Colour: String {
    case green = "32"
    case yellow = "33"
    case red = "31"
    case grey = "90"
    case cyan = "36"
    case magenta = "35"
    case blue = "34"
    case brightCyan = "96"
    case brightMagenta = "95"
    case brightBlue = "94"
    case brightGreen = "92"
    case brightYellow = "93"

    func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
