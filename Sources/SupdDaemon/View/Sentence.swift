import SupdPlugin

/// A sentence that knows which services it names, so that who may not see one of them is told the rest of it.
///
/// A name that is put into it as one is known by its type; text is taken as it is.
struct Sentence: ExpressibleByStringInterpolation, Sendable {
    /// All of it, for the log and for those who may see everything.
    private(set) var text: String
    /// Where it names which service, in bytes, in their order.
    private var mentions: [(service: ServiceName, place: Range<Int>)] = []
    /// Whether it may name any service anywhere.
    private var mayNameAny = false

    /// What stands in the place of a name.
    static let another = "another service"
    /// What is told in place of a sentence that may name any service, where there are some that may not be seen.
    static let untold = "not told to your user"

    /// One that names no service but as others do: by what they have said.
    init(_ text: String) { self.text = text }
    init(stringLiteral value: String) { self.init(value) }
    init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sentence }

    /// One that was made of what may name any service.
    init(ofAnything text: String) {
        self.text = text
        mayNameAny = true
    }

    /// Whether it is the same to everybody.
    var isForEverybody: Bool { mentions.isEmpty && !mayNameAny }

    /// As `viewer` may be told it; nil for somebody who may see everything.
    func told(to viewer: Viewer?) -> String {
        guard let viewer, !isForEverybody else { return text }
        guard !mayNameAny else { return viewer.seesEverything ? text : Self.untold }
        var told: [UInt8] = []
        var next = 0
        let bytes = Array(text.utf8)
        for (service, place) in mentions where !viewer.sees(service) {
            told += bytes[next..<place.lowerBound] + Self.another.utf8
            next = place.upperBound
        }
        return String(decoding: told + bytes[next...], as: UTF8.self)
    }

    private mutating func name(_ text: String, of service: ServiceName) {
        let start = self.text.utf8.count
        self.text += text
        mentions.append((service, start..<self.text.utf8.count))
    }

    static func += (sentence: inout Sentence, other: Sentence) {
        let start = sentence.text.utf8.count
        sentence.text += other.text
        for (service, place) in other.mentions {
            sentence.mentions.append((service, place.lowerBound + start..<place.upperBound + start))
        }
        sentence.mayNameAny = sentence.mayNameAny || other.mayNameAny
    }

    static func + (one: Sentence, other: Sentence) -> Sentence {
        var both = one
        both += other
        return both
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sentence = Sentence("")

        init(literalCapacity: Int, interpolationCount: Int) {
            sentence.text.reserveCapacity(literalCapacity + interpolationCount * 24)
        }

        mutating func appendLiteral(_ literal: String) { sentence.text += literal }
        mutating func appendInterpolation(_ value: some CustomStringConvertible) { sentence.text += value.description }
        mutating func appendInterpolation(_ name: ServiceName) { sentence.name(name.rawValue, of: name) }
        mutating func appendInterpolation(_ name: InstanceName) { sentence.name(name.description, of: name.service) }
        mutating func appendInterpolation(_ other: Sentence) { sentence += other }
    }
}

extension Sequence<Sentence> {
    func joined(separator: String) -> Sentence {
        var joined: Sentence = ""
        for (place, sentence) in enumerated() { joined += place == 0 ? sentence : Sentence(separator) + sentence }
        return joined
    }
}

extension DefaultStringInterpolation {
    /// Not to be used: a text says for whom it is, by `told(to:)`, or `text` for the log. Deprecated and not unavailable: in place of what
    /// is unavailable the compiler takes the interpolation of any value, which writes out the type's fields, and says nothing.
    @available(*, deprecated, message: "say for whom: told(to:), or text for the log")
    mutating func appendInterpolation(_ sentence: Sentence) { appendLiteral(sentence.text) }
}
