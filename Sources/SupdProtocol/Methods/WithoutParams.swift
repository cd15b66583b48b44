import SupdPlugin

extension MethodDescriptor {
    /// `supervisor.status`.
    static let supervisorStatus = MethodDescriptor(.observe, .supervisorStatus)
    /// `supervisor.ping`.
    static let supervisorPing = MethodDescriptor(.observe, .supervisorPing)
    /// `supervisor.version`.
    static let supervisorVersion = MethodDescriptor(.observe, .supervisorVersion)
    /// `supervisor.resume`.
    static let supervisorResume = MethodDescriptor(.admin, .supervisorResume)
    /// `tasks.list`.
    static let tasksList = MethodDescriptor(.observe, .tasksList)
    /// `plugins.list`.
    static let pluginsList = MethodDescriptor(.observe, .pluginsList)
    /// `config.plan`.
    static let configPlan = MethodDescriptor(.admin, .configPlan)
}
