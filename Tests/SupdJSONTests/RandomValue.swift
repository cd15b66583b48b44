import SupdJSON
import TestChance

/// Any value of at most this depth.
func randomValue(depth: Int, using random: inout SeededRandom) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
    case 0: return .null
    case 1: return .bool(.random(using: &random))
    case 2: return .integer(.random(in: .min ... .max, using: &random))
    case 3: return .number(Double.random(in: -1e300...1e300, using: &random))
    case 4: return .string(randomText(using: &random))
    case 5:
        return .array(
            (0..<Int.random(in: 0..<5, using: &random)).map { _ in randomValue(depth: depth - 1, using: &random) })
    default:
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0..<30, using: &random) {
            object[randomText(using: &random)] = randomValue(depth: depth - 4, using: &random)
        }
        return .object(object)
    }
}

private func randomText(using random: inout SeededRandom) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0..<12, using: &random) {
        let range: ClosedRange<UInt32> = .random(using: &random) ? 0...0x7F : 0...0x10FFFF
        if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { text.unicodeScalars.append(scalar) }
    }
    return text
}
