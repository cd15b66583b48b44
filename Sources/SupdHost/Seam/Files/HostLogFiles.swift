/// Files that the lines of services are appended to.
package protocol HostLogFiles: AnyObject {
    /// The log file of these settings; nothing is opened before its first `append`.
    func logFile(_ settings: LogFileSettings) -> any LogFile
}
