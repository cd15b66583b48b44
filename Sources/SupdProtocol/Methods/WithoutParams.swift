import SupdPlugin

extension MethodDescriptor {
    /// `supervisor.status`.
    static let supervisorStatus = Self(.observe, .supervisorStatus)
    /// `supervisor.ping`.
    static let supervisorPing = Self(.observe, .supervisorPing)
    /// `supervisor.version`.
    static let supervisorVersion = Self(.observe, .supervisorVersion)
    /// `supervisor.resume`.
    static let supervisorResume = Self(.admin, .supervisorResume)
    /// `tasks.list`.
    static let tasksList = Self(.observe, .tasksList)
    /// `plugins.list`.
    static let pluginsList = Self(.observe, .pluginsList)
    /// `config.plan`.
    static let configPlan = Self(.admin, .configPlan)
}
