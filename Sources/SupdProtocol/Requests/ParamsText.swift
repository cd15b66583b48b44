import SupdJSON

/// The params of a request as they stand in its line, and which there are. No value is made of one before it is asked for.
///
/// Whoever asks has read the line to its end: what stands there is JSON, and has no key twice. The line has to stay where it is. Small, as it
/// is passed on several times in a request.
struct ParamsText {
    private let line: UnsafeRawBufferPointer
    /// Where they begin.
    private let start: Int
    /// Those that some method takes.
    private var found = ParameterSet()
    /// Whether there are others, or it is no object at all.
    private var hasOthers = false
    /// The first of those found, and where its value is: mostly it is what is asked for.
    private var first: Method.Parameter?
    private var placeOfFirst = 0

    /// The params at the position of `reader`, which reads `line` and comes to their end.
    init(_ line: UnsafeRawBufferPointer, _ reader: inout JSONReader) throws(JSONParseError) {
        self.line = line
        start = reader.position
        var members = JSONMembers()
        while let place = try members.next(of: Method.Parameter.names, &reader) {
            if first == nil { (first, placeOfFirst) = (Method.Parameter.all[place], reader.position) }
            try reader.skipValue()
        }
        found = ParameterSet(places: members.found)
        hasOthers = members.hasOthers
    }

    /// Whether it is an object that has nothing but some of `parameters`.
    func hasOnly(_ parameters: ParameterSet) -> Bool { !hasOthers && found.isSubset(of: parameters) }

    /// All of them, as a value.
    var value: JSONValue { value(at: start) }

    /// The value of one; nil where it is left out.
    func value(of parameter: Method.Parameter) -> JSONValue? { place(of: parameter).map { value(at: $0) } }

    /// How the value of one is written; nil where it is left out.
    func source(of parameter: Method.Parameter) -> String? {
        guard let place = place(of: parameter) else { return nil }
        var reader = reader(at: place)
        // It was read before.
        try? reader.skipValue()
        return reader.text(from: place)
    }

    /// Of one that is an array adds the strings before the first element that is none to `leading`, and answers how many elements there are.
    /// Nil where it is no array.
    func strings(of parameter: Method.Parameter, into leading: inout JSONStrings) -> Int? {
        guard let place = place(of: parameter) else { return nil }
        var reader = reader(at: place)
        // It was read before.
        return try? reader.strings(into: &leading)
    }

    private func place(of parameter: Method.Parameter) -> Int? {
        if first == parameter { return placeOfFirst }
        guard found.contains(parameter) else { return nil }
        var members = JSONMembers()
        var reader = reader(at: start)
        // It was read before.
        while let place = try? members.next(of: Method.Parameter.names, &reader) {
            if place == parameter.place { return reader.position }
            try? reader.skipValue()
        }
        return nil
    }

    private func value(at place: Int) -> JSONValue {
        var reader = reader(at: place)
        // It was read before.
        return (try? reader.value()) ?? .null
    }

    private func reader(at place: Int) -> JSONReader { JSONReader(bytes: line, limits: Request.limits, at: place) }
}

/// Some of the params that there are.
struct ParameterSet {
    private var bits: UInt32 = 0

    /// None, or these.
    init(_ parameters: [Method.Parameter] = []) {
        for parameter in parameters { bits |= Self.bit(parameter) }
    }

    /// Those whose places among all of them are set.
    init(places: UInt32) { bits = places }

    func contains(_ parameter: Method.Parameter) -> Bool { bits & Self.bit(parameter) != 0 }

    func isSubset(of other: ParameterSet) -> Bool { bits & ~other.bits == 0 }

    private static func bit(_ parameter: Method.Parameter) -> UInt32 { 1 << UInt32(parameter.place) }
}
