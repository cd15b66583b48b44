/// `1 service`, `2 services`; of a noun that takes more than an `s`, with `many`: `2 processes`.
package func plural(_ count: Int, _ noun: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? noun : many ?? "\(noun)s")"
}
