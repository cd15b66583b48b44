import Glibc

extension CivilTime {
    /// The daemon's own time zone (tzset(3)): `TZ`, else /etc/localtime, as they were when it was first asked for.
    static let local: CivilTime = {
        tzset()
        return CivilTime { instant in
            var time = time_t(instant)
            var parts = tm()
            // Fails for years that 32 bits do not hold.
            return localtime_r(&time, &parts) == nil ? 0 : Int64(parts.tm_gmtoff)
        }
    }()
}
