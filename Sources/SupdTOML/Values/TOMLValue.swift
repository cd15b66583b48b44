/// A value of TOML 1.0.0.
///
/// Dates and times are checked and kept as RFC 3339 text, with `T` and `Z` in upper case and the fraction of a second as
/// it was written.
package enum TOMLValue: Sendable {
    /// A string; escapes are resolved, and a line ends with `\n` however the file has it.
    case string(String)
    /// A whole number of 64 bits.
    case integer(Int64)
    /// A number; can be NaN or infinite where the text says so.
    case float(Double)
    /// `true` or `false`.
    case boolean(Bool)
    /// `1979-05-27T07:32:00Z`
    case offsetDateTime(String)
    /// `1979-05-27T07:32:00`
    case localDateTime(String)
    /// `1979-05-27`
    case localDate(String)
    /// `07:32:00`
    case localTime(String)
    /// An array, also one of tables made with `[[name]]`.
    case array([TOMLNode])
    /// A table, however it was made.
    case table(TOMLTable)

    /// The kind as a person calls it, for a message: "a string", "an array".
    package var kindName: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a number"
        case .boolean: "a boolean"
        case .offsetDateTime, .localDateTime: "a date and time"
        case .localDate: "a date"
        case .localTime: "a time"
        case .array: "an array"
        case .table: "a table"
        }
    }
}
