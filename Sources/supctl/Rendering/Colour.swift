/// Colours of a terminal (ECMA-48, SGR).
enum Colour: String {
    case green = "32"
    case yellow = "33"
    case red = "31"
    case grey = "90"

    func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
