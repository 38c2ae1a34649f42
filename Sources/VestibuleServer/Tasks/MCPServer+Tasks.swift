package import VestibuleAuth
package import VestibuleProtocol

extension MCPServer {
    /// Lets tools run on as tasks (extension `io.modelcontextprotocol/tasks`, 2026-07-28). To be called before anybody is
    /// served; a tool that is registered with ``ToolOption/asTask`` calls it itself.
    ///
    /// Tasks are kept in memory, each for the principal that called the tool, and are lost when the process ends.
    public func offerTasks(_ configuration: TaskConfiguration = TaskConfiguration()) {
        guard tasks == nil else { return }
        install(TasksExtension(configuration, for: self))
    }

    var tasks: TasksExtension? {
        offer.extensions.lazy.compactMap { $0 as? TasksExtension }.first
    }

    /// The parameters of `notifications/tasks` about a task, where it is the listener's; `nil` where it is not.
    package func taskNotification(of id: String, for listener: Principal.Identity?) -> JSONObject? {
        tasks?.notification(of: id, for: listener)
    }
}
